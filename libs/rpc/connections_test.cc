#include "libs/rpc/connections.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <deque>

#include "tests/support/eventually.h"

namespace seawall::rpc {
namespace {

constexpr char kPolice[] = "spiffe://seawall.local/agency/police/push/referrer";
constexpr char kSchool[] = "spiffe://seawall.local/agency/school/push/referrer";

// The other end of a connection that is looked after.
class Line {
 public:
  Line(Connections& connections, std::string peer) : peer_(std::move(peer)) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ours_ = ends[0];
    id_ = connections.Add(ends[1], peer_);
  }
  Line(const Line&) = delete;
  ~Line() { ::close(ours_); }
  bool Ended() const {
    char byte;
    return ::recv(ours_, &byte, 1, MSG_DONTWAIT) == 0;
  }
  Connections::Id id() const { return id_; }
  Connections::Owner Owner(const char* uri) const { return {uri, this}; }
  void Name(Connections& connections, const char* uri) const {
    connections.Name(peer_, Owner(uri));
  }

 private:
  std::string peer_;
  int ours_ = -1;
  Connections::Id id_ = 0;
};

class ConnectionsTest : public testing::Test {
 protected:
  Line& Connect() {
    return lines_.emplace_back(connections(), std::to_string(lines_.size()));
  }
  Line& Connect(const char* uri) {
    Line& line = Connect();
    line.Name(connections(), uri);
    return line;
  }
  Connections& connections() {
    if (!connections_) connections_.emplace(metrics_, bounds_);
    return *connections_;
  }
  bool Counted(const std::string& reason, int times) const {
    return metrics_.Text().find("seawall_connections_ended_total{reason=\"" +
                                reason + "\"} " + std::to_string(times)) !=
           std::string::npos;
  }

  Connections::Bounds bounds_;
  metrics::Registry metrics_;
  std::deque<Line> lines_;

 private:
  std::optional<Connections> connections_;
};

TEST_F(ConnectionsTest, TheOldestWithoutACallMakesRoom) {
  bounds_.nameless = 2;
  const Line& named = Connect(kSchool);
  const Line& first = Connect();
  const Line& second = Connect();
  const Line& third = Connect();
  EXPECT_FALSE(named.Ended());
  EXPECT_TRUE(first.Ended());
  EXPECT_FALSE(second.Ended());
  EXPECT_FALSE(third.Ended());
  EXPECT_EQ(connections().open(), 3u);
  EXPECT_TRUE(Counted("HALF_OPEN", 1));
}

TEST_F(ConnectionsTest, OneBeyondAnAgencysShareIsEndedAndNobodyElse) {
  bounds_.of_agency = 2;
  const Line& school = Connect(kSchool);
  const Line& first = Connect(kPolice);
  const Line& second = Connect(kPolice);
  const Line& third = Connect(kPolice);
  EXPECT_TRUE(third.Ended());
  EXPECT_FALSE(school.Ended() || first.Ended() || second.Ended());
  EXPECT_TRUE(Counted("AGENCY_CONNECTIONS", 1));
  // Its place comes back with the connection's end.
  connections().Remove(first.id());
  EXPECT_FALSE(Connect(kPolice).Ended());
}

TEST_F(ConnectionsTest, WhereThereAreTooManyInAllWhoHasMostGivesOneUp) {
  bounds_.all = 4;
  const Line& school = Connect(kSchool);
  const Line& first = Connect(kPolice);
  const Line& second = Connect(kPolice);
  const Line& third = Connect(kPolice);
  const Line& fresh = Connect();
  EXPECT_TRUE(first.Ended());
  EXPECT_FALSE(school.Ended() || second.Ended() || third.Ended() ||
               fresh.Ended());
  EXPECT_TRUE(Counted("CONNECTIONS", 1));
}

TEST_F(ConnectionsTest, AnAnswerGivesTheAllowanceBack) {
  bounds_.calls = 2;
  bounds_.forgotten = 0;
  const Line& line = Connect(kPolice);
  for (int i = 0; i < 10; i++) {
    EXPECT_TRUE(connections().Begin(line.Owner(kPolice)));
    connections().Answered(kPolice);
  }
}

TEST_F(ConnectionsTest, CancelledCallsUseUpTheAllowanceOfTheirAgencyAlone) {
  bounds_.calls = 2;
  bounds_.forgotten = 0;
  const Line& line = Connect(kPolice);
  EXPECT_TRUE(connections().Begin(line.Owner(kPolice)));
  EXPECT_TRUE(connections().Begin(line.Owner(kPolice)));
  EXPECT_FALSE(connections().Begin(line.Owner(kPolice)));
  // Over another connection just as little.
  EXPECT_FALSE(connections().Begin(Connect(kPolice).Owner(kPolice)));
  EXPECT_TRUE(connections().Begin(Connect(kSchool).Owner(kSchool)));
}

TEST_F(ConnectionsTest, TimeForgetsCancelledCalls) {
  bounds_.calls = 1;
  bounds_.forgotten = 100;
  const Line& line = Connect(kPolice);
  EXPECT_TRUE(connections().Begin(line.Owner(kPolice)));
  EXPECT_TRUE(support::Eventually(
      [&] { return connections().Begin(line.Owner(kPolice)); }));
}

TEST_F(ConnectionsTest, AConnectionWhoseCallsAreRefusedAndRefusedIsEnded) {
  bounds_.calls = 1;
  bounds_.forgotten = 0;
  bounds_.refused = 3;
  const Line& quiet = Connect(kPolice);
  const Line& loud = Connect(kPolice);
  EXPECT_TRUE(connections().Begin(quiet.Owner(kPolice)));
  // Four within one second, whenever that begins.
  EXPECT_TRUE(support::Eventually([&] {
    EXPECT_FALSE(connections().Begin(loud.Owner(kPolice)));
    return loud.Ended();
  }));
  EXPECT_FALSE(quiet.Ended());
  EXPECT_TRUE(Counted("CALLS_CANCELLED", 1));
}

TEST_F(ConnectionsTest, WhatHasEndedIsForgotten) {
  const Line& line = Connect(kPolice);
  connections().Remove(line.id());
  EXPECT_EQ(connections().open(), 0u);
  EXPECT_TRUE(line.Ended());
  line.Name(connections(), kPolice);
  connections().Remove(line.id());
  EXPECT_EQ(connections().open(), 0u);
}

TEST(AgencyOf, IsThePartOfTheNameThatSharesAreOf) {
  EXPECT_EQ(Connections::AgencyOf(kPolice), "police");
  EXPECT_EQ(Connections::AgencyOf("spiffe://seawall.local/service/sharing"),
            "sharing");
  EXPECT_EQ(Connections::AgencyOf("urn:test"), "urn:test");
  EXPECT_EQ(Connections::AgencyOf(""), "?");
}

}  // namespace
}  // namespace seawall::rpc
