// Where the keys that a child is found by are kept: runs that are merged while
// children are looked up, corrected, withdrawn and told apart. Whatever was
// merged, everybody is found as before. On both stores.
#include <gtest/gtest.h>

#include <random>

#include "services/referrals/test_service.h"

namespace seawall::referrals {
namespace {

class RunsTest : public ServiceTest {
 protected:
  // Few contacts a run, so that a hundred of them fill several levels.
  static void SetUpTestSuite() { run_sizes = {4, 2}; }
  static void TearDownTestSuite() { run_sizes = {}; }

  static constexpr int kChildren = 25;

  // A contact of one of the children. Neighbours share a household.
  std::string Push(int child) {
    pb::SubmitContactRequest request = Form(1);
    pb::Child& said = *request.mutable_form()->mutable_children(0);
    said.set_given_name("Test-Robin");
    said.set_family_name("Test-Nr" + std::string(1, char('a' + child)));
    said.set_date_of_birth("2012-03-04");
    said.set_nhs_number(child % 3 == 0 ? "" : TestNhsNumber(1 + child));
    const std::string id = Submit(request).value().receipts(0).contact_id();
    ids_.push_back(id);
    return id;
  }
  // All that is found around every contact: the child's own, and who is near.
  std::string Found() {
    std::string found;
    store::Reader reader = database_->Read().value();
    const auto of = store::RecordsOf(reader, area_);
    const Records& records = *of;
    for (const std::string& id : ids_) {
      const ContactRow row = store_.Contact(records, id).value();
      const Around around = children_.LookAround(records, row).value();
      found += id + ":";
      for (const Member& one : around.child) found += " " + one.contact_id;
      for (const Related& one : around.look_back)
        found += " " + one.contact_id + "=" + std::to_string(one.match);
      found += "\n";
    }
    return found;
  }
  bool MergeOne() {
    store::Session& writer = database_->writer();
    EXPECT_TRUE(writer.Begin());
    store::SessionRecords records(writer, area_);
    long long position = 0;
    writer.sql() << "select position from heads where area = :area",
        soci::use(area_), soci::into(position);
    const bool more = children_.MergeRuns(records, position).value();
    EXPECT_TRUE(records.Flush());
    EXPECT_TRUE(writer.Commit());
    return more;
  }
  void MergeAll() {
    int slices = 0;
    while (MergeOne()) ASSERT_LT(++slices, 1000);
  }
  long long Ask(const std::string& query) {
    store::Reader reader = database_->Read().value();
    long long number = -1;
    reader.sql() << query, soci::into(number);
    return number;
  }
  long long RunCount() {
    return Ask("select count(distinct run) from contact_keys");
  }
  long long KeysOf(const std::string& id) {
    return Ask("select count(*) from contact_keys where contact_id = '" + id +
               "'");
  }

  std::vector<std::string> ids_;
};
INSTANTIATE_TEST_SUITE_P(Engines, RunsTest, support::BothEngines(),
                         support::EngineName);

TEST_P(RunsTest, EverybodyIsFoundAtEveryStepOfMerging) {
  for (int i = 0; i < 100; i++) Push(i * 7 % kChildren);
  const long long keys = Ask("select count(*) from contact_keys");
  EXPECT_EQ(RunCount(), 26) << "positions begin at 1";
  const std::string before = Found();
  int slices = 0;
  while (MergeOne()) {
    ASSERT_LT(++slices, 1000);
    if (slices % 5 == 0) ASSERT_EQ(Found(), before) << slices;
  }
  EXPECT_EQ(Found(), before);
  EXPECT_EQ(Ask("select count(*) from contact_keys"), keys);
  // 25 full ones are 16 + 8 + 1, and the newest is by itself.
  EXPECT_EQ(RunCount(), 4);
}

TEST_P(RunsTest, WhatIsMergedCanBeTakenBackCorrectedAndToldApart) {
  for (int i = 0; i < 60; i++) Push(i % kChildren);
  MergeAll();
  ASSERT_LT(RunCount(), 7);
  const std::string one = ids_[1], other = ids_[1 + kChildren],
                    third = ids_[1 + 2 * kChildren];
  const std::string before = Found();

  pb::MarkRecordedInErrorRequest error;
  error.set_contact_id(one);
  error.set_reason("Test: another child's");
  ASSERT_TRUE(Write<pb::MarkRecordedInErrorResponse>(
      Hub(), "MarkRecordedInError", error));
  EXPECT_EQ(KeysOf(one), 0);
  pb::ReinstateContactRequest back;
  back.set_contact_id(one);
  back.set_reason("Test: it was right");
  ASSERT_TRUE(
      Write<pb::ReinstateContactResponse>(Hub(), "ReinstateContact", back));
  EXPECT_EQ(Found(), before);

  pb::ConfirmSameChildRequest apart;
  apart.set_contact_id(one);
  apart.set_other_contact_id(other);
  apart.set_same(false);
  ASSERT_TRUE(
      Write<pb::ConfirmSameChildResponse>(Hub(), "ConfirmSameChild", apart));
  EXPECT_EQ(Ask("select count(*) from contact_keys where contact_id in ('" +
                one + "', '" + other + "') and said = 0"),
            0);

  pb::CorrectChildRequest correct;
  correct.set_contact_id(third);
  correct.mutable_child()->set_family_name("Test-Otherwise");
  correct.set_rationale("Test: a typing error");
  const auto corrected =
      Write<pb::CorrectChildResponse>(Hub(), "CorrectChild", correct);
  ASSERT_TRUE(corrected) << corrected.error().message;
  const std::string after = Found();
  EXPECT_NE(after, before);
  // What came back is merged again, and is where it was.
  MergeAll();
  EXPECT_EQ(Found(), after);
}

// The rules alone: wherever merging is, each key is in exactly the run that
// Of() says, and All() names each run that holds any.
TEST(RunsRules, EveryKeyIsWhereTheNumbersSay) {
  std::mt19937_64 random(7);
  struct Key {
    std::int64_t base, hash, run;
  };
  std::vector<Key> keys;
  Runs runs{.sizes = {4, 3}};
  int half_moved = 0;
  const auto check = [&] {
    const auto all = runs.All();
    for (const Key& key : keys) {
      ASSERT_EQ(runs.Of(key.base, key.hash), key.run);
      ASSERT_NE(std::find(all.begin(), all.end(), key.run), all.end());
    }
    ASSERT_EQ(std::set(all.begin(), all.end()).size(), all.size());
  };
  const auto merge_one = [&](std::int64_t complete) {
    const auto slice = runs.Next(complete);
    if (!slice) return false;
    for (Key& key : keys) {
      const auto& from = slice->from;
      const bool moves =
          std::find(from.begin(), from.end(), key.run) != from.end() &&
          key.hash >= slice->from_hash && key.hash <= slice->to_hash;
      if (moves) key.run = slice->into;
    }
    runs.SetLevel(static_cast<int>(slice->level),
                  {slice->merged, slice->moved});
    half_moved += slice->moved != Runs::kNothingMoved;
    check();
    return true;
  };
  for (std::int64_t base = 0; base < 120; ++base) {
    // Some stretches of the journal hold no contact.
    for (int i = 0; i < (base % 5 == 3 ? 0 : 8); ++i)
      keys.push_back({base, static_cast<std::int64_t>(random()), base});
    for (const auto edge : {std::numeric_limits<std::int64_t>::min(),
                            std::numeric_limits<std::int64_t>::max()}) {
      if (base % 7 == 0) keys.push_back({base, edge, base});
    }
    runs.newest = keys.back().base;
    for (auto steps = random() % 9; steps > 0 && merge_one(base); --steps) {
    }
  }
  for (int slices = 0; merge_one(120);) ASSERT_LT(++slices, 10'000);
  EXPECT_GT(half_moved, 100);
  EXPECT_LE(runs.All().size(), 12u);
}

}  // namespace
}  // namespace seawall::referrals
