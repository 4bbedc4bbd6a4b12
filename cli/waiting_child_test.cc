#include "cli/waiting_child.h"

#include <gmock/gmock.h>
#include <seawall/waiting/v1/waiting.pb.h>

#include <sstream>

#include "cli/fake_server.h"
#include "cli/methods.h"
#include "cli/program.h"
#include "libs/base/civil.h"

namespace seawall::cli {
namespace {

using namespace waiting::v1;  // NOLINT: every name below is of the contract
using testing::ElementsAre;
using testing::HasSubstr;

class WaitingChildTest : public testing::Test {
 protected:
  int Run(std::vector<std::string> arguments) {
    for (const char* one : {"--certificate", "c", "--key", "k", "--ca", "a",
                            "--area", "blackpool"}) {
      arguments.emplace_back(one);
    }
    const World world{.console = {in_, out_, err_},
                      .clock = clock_,
                      .ids = ids_,
                      .connect = server_.connect()};
    return cli::Run(world, arguments);
  }

  FakeClock clock_{ParseInstant("2024-01-10T10:00:00Z").value()};
  SequentialIds ids_;
  FakeServer server_;
  std::istringstream in_;
  std::ostringstream out_, err_;
};

TEST_F(WaitingChildTest, AReferralIsReadPageByPageAndShownWhole) {
  std::vector<std::string> pages;
  server_.On<GetReferralRequest, GetReferralResponse>(
      kGetReferral, [&pages](const GetReferralRequest& request) {
        pages.push_back(request.page_token());
        EXPECT_EQ(request.about().reference(), "T-1");
        GetReferralResponse response;
        const bool first = request.page_token().empty();
        response.add_events()->set_number(first ? 2 : 1);
        response.mutable_events(0)->set_kind(first ? "OFFERED" : "REFERRED");
        if (first) response.set_next_page_token("2");
        response.set_more(first ? 1 : 0);
        return Result<GetReferralResponse>(response);
      });
  EXPECT_EQ(Run({"waiting", "show", "--service", "slt", "--reference", "T-1"}),
            kDone)
      << err_.str();
  EXPECT_THAT(pages, ElementsAre("", "2"));
  EXPECT_LT(out_.str().find("REFERRED"), out_.str().find("OFFERED"));
}

TEST_F(WaitingChildTest, WhoIsTheSameChildIsSaidWithItsReason) {
  server_.On<ConfirmSameChildRequest, ConfirmSameChildResponse>(
      kConfirmSameReferral, [](const ConfirmSameChildRequest& request) {
        EXPECT_EQ(request.about().referral_id(), "W-1");
        EXPECT_EQ(request.same_child().other_referral_id(), "W-2");
        EXPECT_FALSE(request.same_child().same());
        EXPECT_EQ(request.same_child().rationale(), "Test twins");
        return Result<ConfirmSameChildResponse>(ConfirmSameChildResponse());
      });
  EXPECT_EQ(Run({"waiting", "same", "W-1", "W-2", "--not", "--rationale",
                 "Test twins"}),
            kDone)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("different children"));
}

TEST_F(WaitingChildTest, ATransferIsGivenAndRefusedWithItsReason) {
  std::vector<std::string> said;
  server_.On<AnswerTransferRequest, AnswerTransferResponse>(
      kAnswerTransfer, [&said](const AnswerTransferRequest& request) {
        EXPECT_EQ(request.about().referral_id(), "W-1");
        const TransferAnswer& answer = request.transfer_answer();
        said.push_back((answer.given() ? "given " : "refused ") +
                       answer.rationale() + request.about().happened_date());
        return Result<AnswerTransferResponse>(AnswerTransferResponse());
      });
  EXPECT_EQ(Run({"waiting", "give", "W-1", "--day", "2024-01-08", "--rationale",
                 "Test "}),
            kDone)
      << err_.str();
  EXPECT_EQ(Run({"waiting", "refuse", "W-1", "--rationale", "Test"}), kDone)
      << err_.str();
  EXPECT_THAT(said, ElementsAre("given Test 2024-01-08", "refused Test"));
}

TEST_F(WaitingChildTest, EveryOpenTransferIsListed) {
  server_.On<ListTransfersRequest, ListTransfersResponse>(
      kListTransfers, [](const ListTransfersRequest& request) {
        ListTransfersResponse response;
        const bool first = request.page_token().empty();
        OpenTransfer& one = *response.add_transfers();
        one.set_referral_id(first ? "W-1" : "W-2");
        one.set_from_provider(first ? "" : "hospital");
        if (first) response.set_next_page_token("2");
        return Result<ListTransfersResponse>(response);
      });
  EXPECT_EQ(Run({"waiting", "transfers"}), kDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("W-2"));
  EXPECT_THAT(out_.str(), HasSubstr("no"));
  EXPECT_THAT(out_.str(), HasSubstr("2 open transfers."));
}

TEST_F(WaitingChildTest, EveryCandidateIsListed) {
  server_.On<ListSameChildCandidatesRequest, ListSameChildCandidatesResponse>(
      kListSameChildCandidates,
      [](const ListSameChildCandidatesRequest& request) {
        ListSameChildCandidatesResponse response;
        const bool first = request.page_token().empty();
        response.add_candidates()->set_referral_id(first ? "W-1" : "W-2");
        if (first) response.set_next_page_token("2");
        return Result<ListSameChildCandidatesResponse>(response);
      });
  EXPECT_EQ(Run({"waiting", "candidates"}), kDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("W-2"));
  EXPECT_THAT(out_.str(), HasSubstr("2 pairs."));
}

}  // namespace
}  // namespace seawall::cli
