// Many events in one request: each recorded or refused by itself, all of them
// at once, and exactly once.
#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

using Strings = std::vector<std::string>;

class PushTest : public ServiceTest {
 protected:
  static pb::Event Attended(const std::string& reference,
                            const std::string& day) {
    auto event = About(reference, day);
    event.mutable_appointment()->set_attendance(pb::ATTENDANCE_ATTENDED);
    event.mutable_about()->set_event_id(reference + "-attended");
    return event;
  }
  static pb::Event Risk(const std::string& reference, const std::string& day,
                        int likelihood) {
    auto event = About(reference, day);
    event.mutable_priority()->set_likelihood(likelihood);
    event.mutable_priority()->set_impact(5);
    return event;
  }
  long long Count(const std::string& what) {
    store::Reader reader = database_->Read().value();
    long long count = 0;
    reader.sql() << "select count(*) from " + what, soci::into(count);
    return count;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, PushTest, support::BothEngines(),
                         support::EngineName);

TEST_P(PushTest, AnEventThatIsWrongTakesNoOtherDown) {
  auto unknown = Referral("b", "2023-05-01", "nobody");
  auto nameless = Referral("c", "2023-05-01");
  nameless.mutable_referral()->clear_child();
  auto too_likely = Risk("a", "2023-05-02", 6);
  const auto response = PushAll({Referral("a", "2023-05-01"), unknown, nameless,
                                 too_likely, Attended("nowhere", "2023-05-02"),
                                 pb::Event(), Referral("d", "2023-05-01")})
                            .value();
  EXPECT_EQ(Said(response),
            (Strings{"OK", "SERVICE_UNKNOWN", "CHILD_REQUIRED", "RISK_UNKNOWN",
                     "REFERRAL_NOT_FOUND", "EVENT_REQUIRED", "OK"}));
  const Error error = rpc::FromProto(response.answers(3).error());
  ASSERT_EQ(error.fields.size(), 1u);
  EXPECT_EQ(error.fields[0].path, "priority");
  EXPECT_EQ(WaitingAt("2023-05-31"), "2");
  EXPECT_EQ(Count("events"), 2);
  EXPECT_EQ(Count("referral_references"), 2);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(PushTest, WhyAnEventWasRefusedIsCounted) {
  ASSERT_TRUE(PushAll({Referral("a", "2023-05-01", "nobody"),
                       Referral("b", "2023-05-01", "nobody"),
                       Referral("c", "2023-05-01")}));
  EXPECT_NE(metrics_.Text().find(
                "seawall_refusals_total{reason=\"SERVICE_UNKNOWN\"} 2\n"),
            std::string::npos);
}

TEST_P(PushTest, ATransferThatIsRefusedLeavesNothing) {
  const std::string from = Register("a", "2023-05-01", "camhs", "One");
  auto late = Referral("b", "2023-06-01", kSlt, "One");
  late.mutable_referral()->set_transferred_from(from);
  late.mutable_referral()->set_original_start_date("2023-07-01");
  ASSERT_EQ(Said(PushAll({late}).value()), Strings{"OK"})
      << "its start is that of the other list";
  EXPECT_EQ(WaitingAt("2023-06-01", "camhs"), "0");
  auto again = Referral("c", "2023-06-01", kSlt, "Two");
  again.mutable_referral()->set_transferred_from(from);
  EXPECT_EQ(Said(PushAll({again}).value()), Strings{"REFERRAL_NOT_FOUND"});
  EXPECT_EQ(Count("referral_references"), 2);
}

TEST_P(PushTest, LaterEventsSeeWhatEarlierOnesDid) {
  auto letter = About("a", "2023-05-03");
  letter.mutable_contact()->set_kind("ACCEPTANCE_LETTER");
  auto taken_back = About("a", "2023-05-06");
  taken_back.mutable_correction()->set_event(3);
  taken_back.mutable_correction()->set_rationale("Test: another child's");
  const auto response =
      PushAll({Attended("a", "2023-05-02"), Referral("a", "2023-05-01"), letter,
               Attended("a", "2023-05-05"), Attended("a", "2023-05-05"),
               taken_back, Referral("b", "2023-05-02", kSlt, "a")})
          .value();
  EXPECT_EQ(Said(response), (Strings{"REFERRAL_NOT_FOUND", "OK", "OK", "OK",
                                     "OK", "OK", "OK"}));
  EXPECT_EQ(response.answers(3).receipt().waits(0).outcome(), pb::OUTCOME_SEEN);
  EXPECT_TRUE(response.answers(4).receipt().already_recorded());
  EXPECT_EQ(response.answers(5).receipt().event(), 4);
  EXPECT_EQ(response.answers(6).receipt().referral_id(),
            response.answers(1).receipt().referral_id())
      << "one spell";
  EXPECT_EQ(WaitingAt("2023-05-05"), "1") << "who was not seen after all";
  EXPECT_EQ(Count("waiting"), 1);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(PushTest, TheWorklistHoldsEachChildOnceAndAsItIsAtTheEnd) {
  ASSERT_TRUE(PushAll({Referral("a", "2023-05-01"), Referral("b", "2023-05-02"),
                       Referral("c", "2023-05-03")}));
  ASSERT_TRUE(PushAll({Risk("b", "2023-05-04", 1), Risk("b", "2023-05-05", 5),
                       Attended("c", "2023-05-06")}));
  store::Reader reader = database_->Read().value();
  const auto rows =
      NextWaiting(*store::RecordsOf(reader, area_), kSlt, "hospital", "", 10)
          .value();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].referral.reference, store_.SealReference("b"));
  EXPECT_EQ(rows[0].place.substr(0, 5), "1/001");
  EXPECT_EQ(rows[1].referral.reference, store_.SealReference("a"));
}

TEST_P(PushTest, TheSameRequestAgainChangesNothing) {
  std::vector<pb::Event> events = {Referral("a", "2023-05-01"),
                                   Referral("b", "2023-05-01", "nobody"),
                                   Attended("a", "2023-05-02")};
  const auto first = PushAll(events, "once").value();
  const auto again = PushAll(events, "once").value();
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  EXPECT_EQ(Count("journal"), 2);
}

TEST_P(PushTest, TheSameEventsInOtherCompanyChangeNothing) {
  const auto a = Referral("a", "2023-05-01"), b = Referral("b", "2023-05-01");
  const auto seen = Attended("a", "2023-05-02");
  ASSERT_TRUE(PushAll({a, seen}));
  const auto response = PushAll({b, a, seen}).value();
  EXPECT_EQ(Said(response), Strings(3, "OK"));
  EXPECT_FALSE(response.answers(0).receipt().already_recorded());
  EXPECT_TRUE(response.answers(1).receipt().already_recorded());
  EXPECT_TRUE(response.answers(2).receipt().already_recorded());
  EXPECT_EQ(Count("events"), 3);
}

TEST_P(PushTest, AReferralWithAnIdIsTheSameOnAnotherDay) {
  auto now = Referral("a", "");
  now.mutable_about()->set_event_id("of-today");
  ASSERT_EQ(Said(PushAll({now}).value()), Strings{"OK"});
  Tick(std::chrono::hours(72));
  const auto again = PushAll({now}).value();
  EXPECT_TRUE(again.answers(0).receipt().already_recorded());
  now.mutable_about()->set_event_id("another");
  EXPECT_EQ(Said(PushAll({now}).value()), Strings{"ALREADY_REGISTERED"});
}

TEST_P(PushTest, AFileThatTakesItsReferralBackDoesSoWhenSentAgain) {
  auto referral = Referral("a", "2023-05-01");
  referral.mutable_about()->set_event_id("ra");
  auto correction = About("a", "2023-05-02");
  correction.mutable_about()->set_event_id("ca");
  correction.mutable_correction()->set_event(1);
  correction.mutable_correction()->set_rationale("Test rationale");
  ASSERT_EQ(Said(PushAll({referral, correction}).value()),
            (Strings{"OK", "OK"}));
  const auto again = PushAll({referral, correction}).value();
  EXPECT_FALSE(again.answers(0).receipt().already_recorded());
  EXPECT_EQ(again.answers(0).receipt().event(), 3);
  EXPECT_EQ(again.answers(0).receipt().waits_size(), 1);
  EXPECT_FALSE(again.answers(1).receipt().already_recorded());
  EXPECT_EQ(again.answers(1).receipt().waits_size(), 0);
  EXPECT_EQ(WaitingAt("2023-12-31"), "0");
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(PushTest, AReferralsIdIsNoOtherReferrals) {
  auto referral = Referral("a", "2023-05-01");
  referral.mutable_about()->set_event_id("ra");
  auto moved = Referral("a", "2023-03-01");
  moved.mutable_about()->set_event_id("ra");
  EXPECT_EQ(Said(PushAll({referral, moved}).value()),
            (Strings{"OK", "EVENT_ID_REUSED"}));
}

TEST_P(PushTest, ANameThatNoStoreKnowsIsRefusedAndTheOthersStay) {
  auto strange = Referral("b", "2023-05-01");
  strange.mutable_about()->set_reference(std::string("b\0x", 3));
  EXPECT_EQ(Said(PushAll({Referral("a", "2023-05-01"), strange,
                          Referral("c", "2023-05-01")})
                     .value()),
            (Strings{"OK", "MALFORMED", "OK"}));
}

TEST_P(PushTest, AKeyThatIsTooLongIsRefusedByItselfAndItsNeighboursStay) {
  // Longer than PostgreSQL's index takes, and of letters that do not pack.
  std::string longer;
  for (unsigned n = 1; longer.size() < 5000; n = n * 1103515245 + 12345)
    longer += static_cast<char>('!' + (n >> 16) % 90);
  std::vector<pb::Event> events(4, Referral("a", "2023-05-01"));
  events[1].mutable_about()->set_reference(longer);
  events[2] = About("a", "2023-05-02");
  events[2].mutable_acceptance();
  events[2].mutable_about()->set_event_id(longer);
  events[3] = Referral("b", "2023-05-01");
  const auto response = PushAll(events).value();
  EXPECT_EQ(Said(response),
            (Strings{"OK", "TEXT_TOO_LONG", "TEXT_TOO_LONG", "OK"}));
  const Error error = rpc::FromProto(response.answers(1).error());
  EXPECT_EQ(error.code, Code::kInvalidArgument);
  EXPECT_EQ(error.fields.at(0).path, "about.reference");
  EXPECT_EQ(Count("referrals"), 2);
}

TEST_P(PushTest, AReferenceOfTwoHundredCharactersOfAnyLanguageIsFoundAgain) {
  std::string name;
  for (int i = 0; i < 50; ++i) name += "é字🙂x";
  const auto referral = Referral(name, "2023-05-01");
  const auto first = Push(referral), again = Push(referral);
  ASSERT_TRUE(first);
  EXPECT_TRUE(again->already_recorded());
  EXPECT_EQ(again->referral_id(), first->referral_id());
}

TEST_P(PushTest, ATransferFromWhatIsNoIdCostsNoChildItsReferral) {
  for (const std::string& label :
       {std::string(5000, 'x'), std::string("W\0x", 3), std::string("W-?")}) {
    auto asks =
        Referral("a" + std::to_string(Count("referrals")), "2023-05-01");
    asks.mutable_referral()->set_transferred_from(label);
    const auto receipt = Push(asks);
    ASSERT_TRUE(receipt) << receipt.error().reason;
    EXPECT_EQ(receipt->warnings(0).reason(), "TRANSFER_ASKED");
    EXPECT_EQ(receipt->warnings(0).field(), "referral.transferred_from");
  }
}

TEST_P(PushTest, WhatTheStoreRefusesLeavesNothingOfTheRequest) {
  const bool sqlite = GetParam() == store::Engine::kSqlite;
  const std::string bad = "'" + store_.SealEventId("bad") + "'";
  database_->writer().sql()
      << (sqlite ? "create trigger no_bad before insert on events when "
                   "new.event_id = " +
                       bad + " begin select raise(abort, 'no'); end"
                 : "alter table events add check (event_id <> " + bad + ")");
  std::vector<pb::Event> events = {Referral("a", "2023-05-01"),
                                   Referral("b", "2023-05-01")};
  events[1].mutable_about()->set_event_id("bad");
  store_may_refuse_ = true;
  EXPECT_EQ(PushAll(events, "half").error().reason, "STORE_REFUSED");
  for (const char* table : {"events", "referrals", "waiting", "answers"}) {
    EXPECT_EQ(Count(table), 0) << table;
  }
  events[1].mutable_about()->set_event_id("good");
  EXPECT_EQ(Said(PushAll(events, "whole").value()), Strings(2, "OK"));
}

TEST_P(PushTest, NoneAndTooManyAreRefusedWithTheirField) {
  const Error none = PushAll({}).error();
  EXPECT_EQ(none.reason, "EVENT_REQUIRED");
  EXPECT_EQ(none.fields.at(0).path, "events");
  std::vector<pb::Event> events(kMostEvents, Referral("a", "2023-05-01"));
  EXPECT_TRUE(PushAll(events)) << "as many as may be";
  events.push_back(events[0]);
  const Error many = PushAll(events).error();
  EXPECT_EQ(many.reason, "TOO_MANY_EVENTS");
  EXPECT_EQ(many.fields.at(0).path, "events");
}

TEST_P(PushTest, OnePersonsEventsNeedOneEvenAmongOthers) {
  auto call = About("a", "2023-05-02");
  call.mutable_call()->set_answer("NO_CHANGE");
  rpc::Caller system = Provider();
  system.person.clear();
  EXPECT_EQ(
      Said(PushAll({Referral("a", "2023-05-01"), call}, "", system).value()),
      (Strings{"OK", "PERSON_REQUIRED"}));
}

TEST_P(PushTest, TheAccessEntryNamesEveryChild) {
  const auto response =
      PushAll({Referral("a", "2023-05-01"), Referral("b", "2023-05-01"),
               Risk("a", "2023-05-02", 9)})
          .value();
  store::Reader reader = database_->Read().value();
  const auto entries =
      ledger::ReadAccess(reader, sealer_, {area_, 0, 9}).value();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].access.subjects,
            (Strings{response.answers(0).receipt().referral_id(),
                     response.answers(1).receipt().referral_id()}));
  EXPECT_EQ(
      ledger::VerifyAccess(*database_, sealer_, area_).value().first_broken, 0);
}

TEST_P(PushTest, TwoHundredChildrenAreFoundAgain) {
  for (const int first : {0, 100}) {
    std::vector<pb::Event> events;
    for (int i = first; i < first + 100; ++i)
      events.push_back(Referral("r" + std::to_string(i), "2023-05-01"));
    ASSERT_EQ(Said(PushAll(events).value()), Strings(100, "OK"));
  }
  std::vector<pb::Event> events;
  for (int i = 0; i < 200; i += 2)
    events.push_back(Attended("r" + std::to_string(i), "2023-05-02"));
  EXPECT_EQ(Said(PushAll(events).value()), Strings(100, "OK"));
  EXPECT_EQ(WaitingAt("2023-05-02"), "100");
  EXPECT_EQ(Count("waiting"), 100);
}

}  // namespace
}  // namespace seawall::waiting
