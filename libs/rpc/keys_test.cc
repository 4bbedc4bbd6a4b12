#include "libs/rpc/keys.h"

#include <gtest/gtest.h>
#include <seawall/common/v1/figures.pb.h>
#include <seawall/referrals/v1/journey.pb.h>
#include <seawall/referrals/v1/referrals.pb.h>
#include <seawall/waiting/v1/waiting.pb.h>

#include <limits>

namespace seawall::rpc {
namespace {

std::string Times(std::size_t times, const std::string& text) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

// "OK", or the reason and the field.
template <class Message>
std::string Said(const Message& message) {
  const auto checked = Keys(*Message::descriptor()).Check(message);
  if (checked) return "OK";
  EXPECT_EQ(checked.error().code, Code::kInvalidArgument);
  return checked.error().reason + " " + checked.error().fields.at(0).path;
}

TEST(KeysTest, AKeyHasAtMostTwoHundredCharactersAndNotBytes) {
  waiting::v1::Event event;
  std::string& reference = *event.mutable_about()->mutable_reference();
  for (const char* one : {"x", "é", "字", "🙂"}) {
    reference = Times(200, one);
    EXPECT_EQ(Said(event), "OK") << one;
    reference += one;
    EXPECT_EQ(Said(event), "TEXT_TOO_LONG about.reference") << one;
  }
}

TEST(KeysTest, ItIsSaidHowLongItIsAndWhatFits) {
  waiting::v1::Event event;
  event.mutable_about()->set_event_id(std::string(2670, 'x'));
  const Error error =
      Keys(*waiting::v1::Event::descriptor()).Check(event).error();
  EXPECT_EQ(error.fields.at(0).description, "2670 characters; at most 200");
}

TEST(KeysTest, EveryIdOfBothServicesIsOne) {
  const std::string longer(201, 'x');
  waiting::v1::Event event;
  event.mutable_same_child()->set_other_referral_id(longer);
  EXPECT_EQ(Said(event), "TEXT_TOO_LONG same_child.other_referral_id");
  waiting::v1::RegisterReferralRequest named;
  named.mutable_about()->set_service(longer);
  EXPECT_EQ(Said(named), "TEXT_TOO_LONG about.service");
  waiting::v1::RecordCapacityEventRequest capacity;
  capacity.mutable_event()->set_service(longer);
  EXPECT_EQ(Said(capacity), "TEXT_TOO_LONG event.service");
  referrals::v1::ConfirmSameChildRequest same;
  same.set_other_contact_id(longer);
  EXPECT_EQ(Said(same), "TEXT_TOO_LONG other_contact_id");
  referrals::v1::RecordStepRequest step;
  step.mutable_end_early_help()->set_early_help_id(longer);
  EXPECT_EQ(Said(step), "TEXT_TOO_LONG end_early_help.early_help_id");
}

TEST(KeysTest, WhatIsWrittenAboutAChildIsNone) {
  const std::string longer(5000, 'x');
  referrals::v1::SubmitContactRequest contact;
  auto& form = *contact.mutable_form();
  form.mutable_referrer()->set_agency(longer);
  form.mutable_referrer()->set_role(longer);
  form.mutable_concern()->set_text(longer);
  form.mutable_police()->set_incident_number(longer);
  form.add_children()->set_la_child_id(longer);
  EXPECT_EQ(Said(contact), "OK");
  referrals::v1::CorrectChildRequest correction;
  correction.mutable_child()->set_la_child_id(longer);
  EXPECT_EQ(Said(correction), "OK");
  waiting::v1::Event event;
  event.mutable_removal()->set_risk_review(longer);
  event.mutable_referral()->set_transferred_from(longer);
  EXPECT_EQ(Said(event), "OK");
}

TEST(KeysTest, NoneHoldsANul) {
  waiting::v1::GetReferralRequest read;
  read.mutable_about()->set_referral_id(std::string("b\0x", 3));
  EXPECT_EQ(Said(read), "MALFORMED about.referral_id");
}

TEST(KeysTest, ATimeOfARequestIsOneThatCanBe) {
  common::v1::GetFiguresRequest request;
  auto& time = *request.mutable_as_known_time();
  EXPECT_EQ(Said(request), "OK");
  for (const auto& [seconds, nanos] :
       {std::pair<std::int64_t, int>{-62'135'596'801, 0},
        {std::numeric_limits<std::int64_t>::min(), 0},
        {253'402'300'800, 0},
        {0, -1},
        {0, 1'000'000'000}}) {
    time.set_seconds(seconds);
    time.set_nanos(nanos);
    EXPECT_EQ(Said(request), "MALFORMED as_known_time") << seconds;
  }
  time.set_seconds(-62'135'596'800);
  time.set_nanos(0);
  EXPECT_EQ(Said(request), "OK");
  // What a form says of its own times comes back as warnings.
  referrals::v1::SubmitContactRequest contact;
  contact.mutable_form()->mutable_raised_time()->set_seconds(253'402'300'800);
  EXPECT_EQ(Said(contact), "OK");
}

TEST(KeysTest, EventsInAListAreLeftToWhoTakesThemOneByOne) {
  waiting::v1::PushEventsRequest push;
  push.add_events()->mutable_about()->set_reference(std::string(201, 'x'));
  EXPECT_EQ(Said(push), "OK");
}

}  // namespace
}  // namespace seawall::rpc
