#include "libs/base/identifiers.h"

#include <gtest/gtest.h>

namespace seawall {
namespace {

// The check digit for nine digits by the published rule, said another way than
// in the code under test; -1 where the number may not be issued.
int NhsCheckDigit(int nine_digits) {
  int sum = 0;
  for (int weight = 2; weight <= 10; ++weight, nine_digits /= 10) {
    sum += nine_digits % 10 * weight;
  }
  const int check = 11 - sum % 11;
  return check == 11 ? 0 : check == 10 ? -1 : check;
}

TEST(NhsNumber, AcceptsBareSpacedAndHyphenated) {
  for (const char* text : {"4010232137", "401 023 2137", "401-023-2137",
                           "  4010232137 ", "\t401 023 2137\n"}) {
    const Identifier number = ParseNhsNumber(text);
    EXPECT_TRUE(number.ok) << text;
    EXPECT_EQ(number.normalised, "4010232137") << text;
    EXPECT_EQ(number.reason, "") << text;
  }
}

TEST(NhsNumber, RefusesOtherForms) {
  for (const char* text :
       {"", "123 456 789", "401023213", "40102321370", "401.023.2137",
        "401023213X", "+4010232137", "4010232137a",
        "\xD9\xA4\xD9\xA0\xD9\xA1\xD9\xA0\xD9\xA2"}) {
    const Identifier number = ParseNhsNumber(text);
    EXPECT_FALSE(number.ok) << text;
    EXPECT_EQ(number.reason, "NHS_NUMBER_INVALID") << text;
    EXPECT_EQ(number.normalised, "") << text;
  }
}

TEST(NhsNumber, ExactlyOneCheckDigitOrNoneIsRight) {
  int never_issued = 0;
  for (int nine = 450'557'000; nine < 450'557'200; ++nine) {
    const int right = NhsCheckDigit(nine);
    if (right < 0) ++never_issued;
    for (int digit = 0; digit < 10; ++digit) {
      const std::string text = std::to_string(nine) + std::to_string(digit);
      EXPECT_EQ(ParseNhsNumber(text).ok, digit == right) << text;
    }
  }
  EXPECT_GT(never_issued, 10);
}

TEST(NhsNumber, AnySingleWrongDigitIsFound) {
  const std::string good = "4010232137";
  for (std::size_t place = 3; place < good.size(); ++place) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string text = good;
      text[place] = digit;
      EXPECT_EQ(ParseNhsNumber(text).ok, text == good) << text;
    }
  }
}

std::string ReasonOfRange(int range) {
  for (int rest = 100'000; rest < 100'100; ++rest) {
    const int nine = range * 1'000'000 + rest;
    if (NhsCheckDigit(nine) < 0) continue;
    std::string text =
        std::to_string(nine) + std::to_string(NhsCheckDigit(nine));
    text.insert(0, 10 - text.size(), '0');
    const Identifier number = ParseNhsNumber(text);
    return number.ok ? "ok" : number.reason;
  }
  return "none";
}

TEST(NhsNumber, RangesTellWhoIssuedIt) {
  for (const int range : {400, 449, 499, 600, 699, 700, 799}) {
    EXPECT_EQ(ReasonOfRange(range), "ok") << range;
  }
  for (const int range : {10, 311, 320, 399, 800, 859}) {
    EXPECT_EQ(ReasonOfRange(range), "NHS_NUMBER_OTHER_NATION") << range;
  }
  for (const int range : {0, 9, 312, 319, 500, 599, 860, 899}) {
    EXPECT_EQ(ReasonOfRange(range), "NHS_NUMBER_INVALID") << range;
  }
  for (const int range : {900, 943, 999}) {
    EXPECT_EQ(ReasonOfRange(range), "NHS_NUMBER_TEST_RANGE") << range;
  }
}

TEST(NhsNumber, TestRangeIsAcceptedOnlyWhenAllowed) {
  EXPECT_EQ(ParseNhsNumber("9434765919").reason, "NHS_NUMBER_TEST_RANGE");
  EXPECT_EQ(ParseNhsNumber("943 476 5919", TestNumbers::kAllow).normalised,
            "9434765919");
  EXPECT_EQ(ParseNhsNumber("9434765918", TestNumbers::kAllow).reason,
            "NHS_NUMBER_INVALID");
}

TEST(NhsNumber, OneDigitRepeatedNamesNobody) {
  EXPECT_EQ(ParseNhsNumber("4444444444").reason, "NHS_NUMBER_INVALID");
  EXPECT_EQ(ParseNhsNumber("9999999999", TestNumbers::kAllow).reason,
            "NHS_NUMBER_INVALID");
}

TEST(Upn, AcceptsThePublishedGoodOnes) {
  for (const char* text : {"A950000178301", "H243278544154", "X845212818005"}) {
    EXPECT_TRUE(ParseUpn(text).ok) << text;
    EXPECT_EQ(ParseUpn(text).normalised, text);
    EXPECT_FALSE(IsTemporaryUpn(text)) << text;
  }
}

TEST(Upn, RefusesThePublishedBadOnes) {
  for (const char* text : {"R247962919251", "X428558133462"}) {
    EXPECT_EQ(ParseUpn(text).reason, "UPN_INVALID") << text;
    EXPECT_EQ(ParseUpn(text).normalised, "") << text;
  }
}

TEST(Upn, PutsCaseAndOuterSpacesRight) {
  EXPECT_EQ(ParseUpn(" a950000178301 ").normalised, "A950000178301");
}

TEST(Upn, RefusesOtherForms) {
  for (const char* text :
       {"", "A95000017830", "A9500001783011", "9950000178301", "A95O000178301",
        "A95000017830I", "A95000017830O", "A95000017830S", "A95000017830-",
        "AA50000178301", "UN1"}) {
    EXPECT_EQ(ParseUpn(text).reason, "UPN_INVALID") << text;
  }
}

TEST(Upn, ExactlyOneCheckLetterIsRight) {
  int right = 0;
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    const std::string text = letter + std::string("890000178301");
    if (ParseUpn(text).ok) ++right;
  }
  EXPECT_EQ(right, 1);
}

TEST(Upn, TemporaryOnesEndInALetterThatCounts) {
  // 890 0000 1234 with A (0) at the end: 8*2 + 9*3 + 1*9 + 2*10 + 3*11 + 4*12
  // = 153, 153 mod 23 = 15, R. With B (1): 153 + 13 = 166, mod 23 = 5, F.
  EXPECT_EQ(ParseUpn("R89000001234A").normalised, "R89000001234A");
  EXPECT_EQ(ParseUpn("F89000001234B").normalised, "F89000001234B");
  EXPECT_FALSE(ParseUpn("R89000001234B").ok);
  EXPECT_TRUE(IsTemporaryUpn("R89000001234A"));
}

TEST(Postcode, ComesOutInCapitalsWithOneSpace) {
  const auto normalised = [](std::string_view text) {
    return ParsePostcode(text).normalised;
  };
  EXPECT_EQ(normalised("fy1 1ad"), "FY1 1AD");
  EXPECT_EQ(normalised("FY11AD"), "FY1 1AD");
  EXPECT_EQ(normalised("  fy 1  1ad "), "FY1 1AD");
  EXPECT_EQ(normalised("M1 1AA"), "M1 1AA");
  EXPECT_EQ(normalised("M601NW"), "M60 1NW");
  EXPECT_EQ(normalised("PR25 1AA"), "PR25 1AA");
  EXPECT_EQ(normalised("W1A 1HQ"), "W1A 1HQ");
  EXPECT_EQ(normalised("ec1a1bb"), "EC1A 1BB");
  EXPECT_EQ(normalised("gir 0aa"), "GIR 0AA");
}

TEST(Postcode, RefusesOtherForms) {
  for (const char* text : {"", "FY1", "FY1 1A", "FY1 AAD", "1FY 1AD", "FY1 1AC",
                           "FY1 1KD", "FY123 1AD", "ABC 1AD", "FY1 1AD!"}) {
    EXPECT_EQ(ParsePostcode(text).reason, "POSTCODE_INVALID") << text;
  }
}

TEST(BareCode, LosesWhatPeopleAndTheirProgramsPutAroundANumber) {
  for (const char* text : {"9434765919",
                           "943 476 5919",
                           "943-476-5919",
                           "943\u00A0476\u00A05919",
                           "\u200E9434765919",
                           "943\u2013476\u20135919",
                           "9434765919\u200B",
                           "\uFEFF9434765919",
                           "943\u2011476\u20125919",
                           "943\u2009476\u202F5919",
                           "943\u2212476\u22125919",
                           "'9434765919",
                           "\u20189434765919",
                           "9434765919.0",
                           "９４３４７６５９１９",
                           "٩٤٣٤٧٦٥٩١٩",
                           "\t9434765919\r\n",
                           "94 34 76 59 19",
                           "943\u00AD4765919",
                           "943\u3000476\u30005919"}) {
    EXPECT_EQ(BareCode(text), "9434765919") << text;
    EXPECT_TRUE(ParseNhsNumber(text, TestNumbers::kAllow).ok) << text;
  }
}

TEST(BareCode, KeepsWhatMayBeMeant) {
  EXPECT_EQ(BareCode("9434765919.5"), "9434765919.5");
  EXPECT_EQ(BareCode("A1.0"), "A1.0");
  EXPECT_EQ(BareCode("943/476"), "943/476");
  EXPECT_EQ(BareCode("\xFF"), "\xFF");
  EXPECT_EQ(BareCode(""), "");
  EXPECT_FALSE(ParseNhsNumber("943.476.5919").ok);
}

TEST(BareCode, IsForUpnsAndPostcodesToo) {
  EXPECT_EQ(ParsePostcode("fy1\u00A01ad").normalised, "FY1 1AD");
  EXPECT_EQ(ParsePostcode("\u200EFY1-1AD").normalised, "FY1 1AD");
  EXPECT_EQ(ParseUpn(" r89\u00A0000\u2013001234a").normalised, "R89000001234A");
}

}  // namespace
}  // namespace seawall
