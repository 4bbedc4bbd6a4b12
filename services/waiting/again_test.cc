// What is said again: "already recorded" is said of what is recorded, word for
// word; what differs is taken over, or refused by field; what was taken back
// may be recorded again. On both stores.
#include "services/waiting/test_service.h"

namespace seawall::waiting {
namespace {

using Strings = std::vector<std::string>;

Strings Changed(const pb::EventReceipt& receipt) {
  Strings fields;
  for (const pb::Warning& warning : receipt.warnings()) {
    if (warning.reason() == "DETAIL_CHANGED") fields.push_back(warning.field());
  }
  return fields;
}

Strings Fields(const Error& error) {
  Strings fields;
  for (const auto& field : error.fields) fields.push_back(field.path);
  return fields;
}

class AgainTest : public ServiceTest {
 protected:
  pb::Referral Details(const std::string& reference = "a") {
    store::Reader reader = database_->Read().value();
    const auto records = store::RecordsOf(reader, kArea);
    const ReferralRow row =
        store_.ByReference(*records, "hospital", kSlt, reference).value();
    return store_.Details(*records, row).value();
  }
  // As a file does: its id is one of its content.
  static pb::Event Named(pb::Event event) {
    event.mutable_about()->set_event_id(
        std::to_string(std::hash<std::string>{}(event.SerializeAsString())));
    return event;
  }
  static pb::Event Back(const std::string& reference, int event) {
    auto back = About(reference, "2023-12-01");
    back.mutable_correction()->set_event(event);
    back.mutable_correction()->set_rationale("Test: it was wrong");
    return back;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, AgainTest, support::BothEngines(),
                         support::EngineName);

TEST_P(AgainTest, AfterAChangeOfKeysItIsKnownAgain) {
  const auto key = [&](const char* name, const char* pair) {
    std::string digits;
    for (int i = 0; i < 32; ++i) digits += pair;
    std::string file = folder_.Write(name, digits);
    ::chmod(file.c_str(), 0600);
    return file;
  };
  const std::string old_key = key("old.key", "6b");  // 32 times 'k'
  ASSERT_TRUE(Push(Named(Referral("a", "2023-08-01"))));
  auto attended = About("a", "2023-08-05");
  attended.mutable_appointment()->set_attendance(
      pb::ATTENDANCE_COULD_NOT_ATTEND);
  attended = Named(attended);
  const int number = Push(attended).value().event();
  sealer_ = seal::Sealer::Load({key("new.key", "7a"), old_key}).value();
  const auto again = Push(attended).value();
  EXPECT_TRUE(again.already_recorded());
  EXPECT_EQ(again.event(), number);
  EXPECT_TRUE(
      Push(Named(Referral("a", "2023-08-01"))).value().already_recorded());
  EXPECT_EQ(Count("referrals"), 1);
}

TEST_P(AgainTest, WhatProtectsAndWhatWasMendedIsTakenOverAndToldByField) {
  auto first = Referral("a", "2023-08-01");
  first.mutable_referral()->mutable_routes()->set_safe_route("Test: a letter");
  ASSERT_TRUE(Push(Named(first)));
  auto again = Referral("a", "2023-08-01");
  pb::Referral& says = *again.mutable_referral();
  says.mutable_routes()->set_safe_route("Test: the school nurse");
  says.mutable_routes()->set_never("Test: the home address");
  says.mutable_routes()->set_young_person_alone(true);
  says.mutable_child()->set_date_of_birth("2014-05-01");
  says.mutable_child()->set_given_name("Test-Robyn");
  says.add_flags("LOOKED_AFTER");
  const auto receipt = Push(Named(again)).value();
  EXPECT_FALSE(receipt.already_recorded());
  EXPECT_EQ(receipt.event(), 2);
  EXPECT_EQ(
      Changed(receipt),
      (Strings{"referral.child.given_name", "referral.child.date_of_birth",
               "referral.routes.safe_route", "referral.routes.never",
               "referral.routes.young_person_alone", "referral.flags"}));
  EXPECT_EQ(receipt.SerializeAsString().find("Test-"), std::string::npos)
      << "no value";
  EXPECT_EQ(Details().child().date_of_birth(), "2014-05-01");
  EXPECT_EQ(Details().child().given_name(), "Test-Robyn");
  EXPECT_EQ(Details().routes().never(), "Test: the home address");
  EXPECT_TRUE(Details().routes().young_person_alone());
  EXPECT_EQ(WaitingAt("2023-12-31"), "1");
  const auto once_more = Push(Named(again)).value();
  EXPECT_TRUE(once_more.already_recorded());
  EXPECT_EQ(once_more.event(), 2);
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(AgainTest, AFileOfBeforeIsThereAndMendsNothingBack) {
  const auto first = Named(Referral("a", "2023-08-01"));
  ASSERT_TRUE(Push(first));
  auto mended = Referral("a", "2023-08-01");
  mended.mutable_referral()->mutable_child()->set_date_of_birth("2014-05-01");
  ASSERT_TRUE(Push(Named(mended)));
  const auto again = Push(first).value();
  EXPECT_TRUE(again.already_recorded());
  EXPECT_EQ(again.event(), 1);
  EXPECT_EQ(Details().child().date_of_birth(), "2014-05-01");
}

TEST_P(AgainTest, WithoutAnIdTheLastWordHolds) {
  const auto first = Referral("a", "2023-08-01");
  auto mended = first;
  mended.mutable_referral()->mutable_child()->set_date_of_birth("2014-05-01");
  ASSERT_TRUE(Push(first));
  EXPECT_TRUE(Push(first)->already_recorded());
  EXPECT_EQ(Push(mended)->event(), 2);
  EXPECT_EQ(Push(first)->event(), 3);
  EXPECT_EQ(Details().child().date_of_birth(), "2015-05-01");
}

TEST_P(AgainTest, CorrectEventBringsTheFormerDetailsBackInAnyOrder) {
  ASSERT_TRUE(Push(Referral("a", "2023-08-01")));
  auto second = Referral("a", "2023-08-01");
  second.mutable_referral()->mutable_child()->set_given_name("Test-Second");
  second.mutable_referral()->mutable_routes()->set_never("Test: the father");
  ASSERT_TRUE(Push(second));
  auto third = Referral("a", "2023-08-01");
  third.mutable_referral()->mutable_child()->set_given_name("Test-Third");
  ASSERT_TRUE(Push(third));
  const auto back = Push(Back("a", 2)).value();
  EXPECT_EQ(Changed(back), Strings{"referral.routes.never"});
  EXPECT_EQ(Details().child().given_name(), "Test-Third") << "said since";
  EXPECT_EQ(Details().routes().never(), "");
  EXPECT_EQ(Changed(Push(Back("a", 3)).value()),
            Strings{"referral.child.given_name"});
  EXPECT_EQ(Details().child().given_name(), "Test-Robin");
  EXPECT_EQ(WaitingAt("2023-12-31"), "1");
}

TEST_P(AgainTest, AMendedChildIsFoundByWhatWasMended) {
  ASSERT_TRUE(Push(Referral("a", "2023-08-01")));
  auto traced = Referral("a", "2023-08-01");
  traced.mutable_referral()->mutable_child()->set_nhs_number(
      NumberFor("traced"));
  ASSERT_TRUE(Push(traced));
  auto later = Referral("b", "2023-09-01");
  *later.mutable_referral() = traced.referral();
  EXPECT_EQ(Push(later)->referral_id(), Push(traced)->referral_id())
      << "one spell";
  ASSERT_TRUE(Push(Back("a", 2)));
  EXPECT_EQ(WaitingAt("2023-12-31"), "1");
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(AgainTest, WhatIsNotStatedStaysAsItWas) {
  auto first = Referral("a", "2023-08-01");
  pb::ContactRoutes& routes = *first.mutable_referral()->mutable_routes();
  routes.set_safe_route("Test: the school nurse");
  routes.set_never("Test: the father");
  routes.set_young_person_alone(true);
  ASSERT_TRUE(Push(first));
  auto bare = Referral("a", "2023-08-01");
  EXPECT_TRUE(Push(bare)->already_recorded());
  auto other = bare;
  other.mutable_referral()->mutable_routes()->set_never("Test: the house");
  other.mutable_referral()->mutable_child()->clear_nhs_number();
  other.mutable_referral()->mutable_child()->clear_date_of_birth();
  EXPECT_EQ(Changed(Push(other).value()), Strings{"referral.routes.never"});
  EXPECT_EQ(Details().child().nhs_number(),
            bare.referral().child().nhs_number());
  EXPECT_EQ(Details().child().date_of_birth(), "2015-05-01");
  EXPECT_EQ(Details().routes().safe_route(), "Test: the school nurse");
  EXPECT_EQ(Details().routes().never(), "Test: the father; Test: the house");
  EXPECT_TRUE(Details().routes().young_person_alone());
}

TEST_P(AgainTest, ARouteThatContainsAnotherIsAnotherRoute) {
  auto says = Referral("a", "2023-08-01");
  pb::ContactRoutes& routes = *says.mutable_referral()->mutable_routes();
  routes.set_never("stepfather");
  ASSERT_TRUE(Push(says));
  for (const char* never : {"father", "stepfather; father", "father"}) {
    routes.set_never(never);
    ASSERT_TRUE(Push(says));
  }
  EXPECT_EQ(Details().routes().never(), "stepfather; father");
}

TEST_P(AgainTest, AStandInOrAShortNameTakesNoNameAway) {
  auto says = Referral("a", "2023-08-01");
  pb::Child& child = *says.mutable_referral()->mutable_child();
  child.set_given_name("Test-Robin");
  ASSERT_TRUE(Push(says));
  for (const char* name : {"Baby", "Unknown", "Test-Rob"}) {
    child.set_given_name(name);
    EXPECT_TRUE(Push(says)->already_recorded()) << name;
    EXPECT_EQ(Details().child().given_name(), "Test-Robin");
  }
}

TEST_P(AgainTest, AnotherStartOfTheSameReferralIsRefusedByField) {
  ASSERT_TRUE(Push(Referral("a", "2023-08-01")));
  auto earlier = Referral("a", "2023-08-01");
  earlier.mutable_referral()->set_original_start_date("2023-02-01");
  const Error error = Push(earlier).error();
  EXPECT_EQ(error.reason, "ALREADY_REGISTERED");
  EXPECT_EQ(Fields(error), Strings{"referral.original_start_date"});
}

// Of every kind of event one, and what may be different in it.
struct Kind {
  pb::Event event;
  std::vector<std::pair<std::string, pb::Event>> others;
};

std::vector<Kind> Kinds() {
  std::vector<Kind> kinds;
  const auto add = [&](auto make, auto... changes) {
    pb::Event event;
    make(event);
    Kind kind{event, {}};
    const auto other = [&](const auto& change) {
      pb::Event changed = event;
      change.second(changed);
      kind.others.emplace_back(change.first, changed);
    };
    (other(changes), ...);
    kinds.push_back(std::move(kind));
  };
  using E = pb::Event;
  const auto c = [](const char* field, void (*change)(E&)) {
    return std::make_pair(std::string(field), change);
  };
  add([](E& e) { e.mutable_acceptance(); },
      c("rejection", [](E& e) { e.mutable_rejection(); }));
  add([](E& e) { e.mutable_offer()->set_appointment_date("2023-10-01"); },
      c("offer.appointment_date",
        [](E& e) { e.mutable_offer()->set_appointment_date("2023-10-02"); }),
      c("offer.appointment_date",
        [](E& e) { e.mutable_offer()->set_appointment_date("October"); }));
  add(
      [](E& e) {
        e.mutable_appointment()->set_attendance(
            pb::ATTENDANCE_CANCELLED_BY_SERVICE);
      },
      c("appointment.attendance", [](E& e) {
        e.mutable_appointment()->set_attendance(
            pb::ATTENDANCE_COULD_NOT_ATTEND);
      }));
  add(
      [](E& e) {
        e.mutable_unavailability()->set_start_date("2023-10-01");
        e.mutable_unavailability()->set_end_date("2023-10-09");
      },
      c("unavailability.end_date",
        [](E& e) { e.mutable_unavailability()->set_end_date("2023-10-10"); }),
      c("unavailability.start_date",
        [](E& e) { e.mutable_unavailability()->clear_start_date(); }));
  add(
      [](E& e) {
        e.mutable_priority()->set_likelihood(2);
        e.mutable_priority()->set_impact(4);
      },
      c("priority.likelihood",
        [](E& e) { e.mutable_priority()->set_likelihood(4); }),
      c("priority.impact", [](E& e) { e.mutable_priority()->set_impact(2); }));
  add(
      [](E& e) {
        e.mutable_block()->set_by("SLT");
        e.mutable_block()->set_until_date("2024-01-01");
      },
      c("block.by", [](E& e) { e.mutable_block()->set_by("NOTHING"); }),
      c("block.until_date",
        [](E& e) { e.mutable_block()->set_until_date("2024-02-01"); }));
  add(
      [](E& e) {
        e.mutable_contact()->set_kind("UPDATE");
        e.mutable_contact()->set_note("Test: one");
      },
      c("contact.note",
        [](E& e) { e.mutable_contact()->set_note("Test: two"); }),
      c("about.happened_date",
        [](E& e) { e.mutable_about()->set_happened_date("2023-09-09"); }));
  add(
      [](E& e) {
        e.mutable_call()->set_answer("NO_CHANGE");
        e.mutable_call()->set_note("Test: one");
      },
      c("call.note", [](E& e) { e.mutable_call()->set_note("Test: two"); }));
  add(
      [](E& e) {
        e.mutable_expedition()->set_goes_first(true);
        e.mutable_expedition()->set_rationale("Test: one");
      },
      c("expedition.goes_first",
        [](E& e) { e.mutable_expedition()->set_goes_first(false); }),
      c("expedition.rationale",
        [](E& e) { e.mutable_expedition()->set_rationale("Test: two"); }));
  add(
      [](E& e) {
        e.mutable_removal()->set_outcome(pb::OUTCOME_DISCHARGED);
        e.mutable_removal()->set_reason("NOT_SUITABLE");
        e.mutable_removal()->set_risk_review("Test: one");
      },
      c("removal.risk_review",
        [](E& e) { e.mutable_removal()->set_risk_review("Test: two"); }),
      c("removal.clinician",
        [](E& e) { e.mutable_removal()->set_clinician("c-1"); }),
      c("removal.gp_told",
        [](E& e) { e.mutable_removal()->set_gp_told(true); }),
      c("removal.referrer_told",
        [](E& e) { e.mutable_removal()->set_referrer_told(true); }),
      c("removal.reason",
        [](E& e) { e.mutable_removal()->set_reason("MOVED_AWAY"); }));
  return kinds;
}

TEST_P(AgainTest, OfEveryKindOnlyTheSameIsThereAlready) {
  int number = 0;
  for (const Kind& kind : Kinds()) {
    const std::string reference = "r-" + std::to_string(++number);
    Register(reference, "2023-08-01");
    const auto of = [&](const pb::Event& what) {
      auto event = About(reference, "2023-09-01");
      event.mutable_about()->set_event_id("e");
      event.MergeFrom(what);
      return event;
    };
    const auto first = Push(of(kind.event));
    ASSERT_TRUE(first) << first.error().reason;
    const auto same = Push(of(kind.event));
    ASSERT_TRUE(same) << same.error().reason;
    EXPECT_TRUE(same->already_recorded());
    EXPECT_EQ(same->event(), 2);
    for (const auto& [field, other] : kind.others) {
      const auto refused = Push(of(other));
      ASSERT_FALSE(refused) << field;
      EXPECT_EQ(refused.error().reason, "EVENT_ID_REUSED") << field;
      EXPECT_EQ(Fields(refused.error()), Strings{field});
    }
    // Taken back, it may be recorded again, and otherwise too.
    ASSERT_TRUE(Push(Back(reference, 2)));
    const auto again = Push(of(kind.event));
    ASSERT_TRUE(again) << again.error().reason;
    EXPECT_FALSE(again->already_recorded());
    EXPECT_EQ(again->event(), 4);
  }
  EXPECT_EQ(Drift().drift, 0);
}

TEST_P(AgainTest, AReferralThatWasTakenBackIsRegisteredAgainUnderTheSameId) {
  const auto referral = Named(Referral("a", "2023-08-01"));
  ASSERT_TRUE(Push(referral));
  ASSERT_TRUE(Push(Named(Back("a", 1))));
  EXPECT_EQ(WaitingAt("2023-12-31"), "0");
  const auto again = Push(referral).value();
  EXPECT_FALSE(again.already_recorded());
  EXPECT_EQ(again.waits_size(), 1);
  EXPECT_EQ(WaitingAt("2023-12-31"), "1");
  EXPECT_TRUE(Push(referral)->already_recorded());
  EXPECT_EQ(Drift().drift, 0);
}

// Whatever a file holds: sent again whole, the records are what they were.
TEST_P(AgainTest, AFileSentAgainLeavesTheRecordsAsTheyWere) {
  auto mended = Referral("a", "2023-08-01");
  mended.mutable_referral()->mutable_child()->set_given_name("Test-Mended");
  auto seen = About("a", "2023-09-01");
  seen.mutable_appointment()->set_attendance(pb::ATTENDANCE_ATTENDED);
  auto missed = About("a", "2023-08-20");
  missed.mutable_appointment()->set_attendance(pb::ATTENDANCE_WAS_NOT_BROUGHT);
  const std::vector<std::vector<pb::Event>> files = {
      {Referral("a", "2023-08-01"), Back("a", 1)},
      {Referral("a", "2023-08-01"), Back("a", 1), Referral("a", "2023-08-01")},
      {Referral("a", "2023-08-01"), mended, Back("a", 2)},
      {Referral("a", "2023-08-01"), seen, Back("a", 2), missed},
      {Referral("a", "2023-08-01"), missed, Back("a", 2), seen}};
  for (std::size_t i = 0; i < files.size(); ++i) {
    area_ = "area-" + std::to_string(i);
    std::vector<pb::Event> events;
    for (const pb::Event& event : files[i]) events.push_back(Named(event));
    const auto state = [&] {
      store::Reader reader = database_->Read().value();
      const auto records = store::RecordsOf(reader, area_);
      const ReferralRow row =
          store_.ByReference(*records, "hospital", kSlt, "a").value();
      const History history = store_.Events(*records, row.referral_id).value();
      std::string text = store_.Details(*records, row).value().DebugString();
      for (const Wait& wait : WaitsOf(history)) {
        text += FormatDate(wait.start) + std::string(Name(wait.outcome));
      }
      return text + std::to_string(MissedOf(history).was_not_brought);
    };
    ASSERT_TRUE(PushAll(events));
    const std::string before = state();
    ASSERT_TRUE(PushAll(events));
    EXPECT_EQ(state(), before) << i;
    for (const pb::Event& event : events) ASSERT_TRUE(PushAll({event}));
    EXPECT_EQ(state(), before) << i << ", event by event";
    EXPECT_EQ(Drift().drift, 0);
  }
}

}  // namespace
}  // namespace seawall::waiting
