#include "libs/metrics/metrics.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

namespace seawall::metrics {
namespace {

using testing::HasSubstr;
using testing::Not;

// The whole answer of GET /metrics, headers too; empty if nobody listens.
std::string Scrape(int port) {
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  timeval limit{.tv_sec = 5, .tv_usec = 0};
  setsockopt(socket_fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(socket_fd, reinterpret_cast<sockaddr*>(&address),
              sizeof address) == 0) {
    const std::string request =
        "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n";
    send(socket_fd, request.data(), request.size(), MSG_NOSIGNAL);
    char part[4096];
    for (ssize_t n; (n = recv(socket_fd, part, sizeof part, 0)) > 0;) {
      answer.append(part, static_cast<std::size_t>(n));
    }
  }
  close(socket_fd);
  return answer;
}

TEST(Metrics, EverySeriesIsThereFromTheStartAtZero) {
  Registry registry;
  registry.MakeCounter("seawall_test_total", "How often was it tried?",
                       {{"outcome", "good"}});
  registry.MakeGauge("seawall_test_open", "How many are open?");
  registry.MakeHistogram("seawall_test_seconds", "How long did it take?", {1});
  const std::string text = registry.Text();
  EXPECT_THAT(text, HasSubstr("# HELP seawall_test_total How often was it "
                              "tried?\n# TYPE seawall_test_total counter\n"
                              "seawall_test_total{outcome=\"good\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("seawall_test_open 0\n"));
  EXPECT_THAT(text, HasSubstr("seawall_test_seconds_count 0\n"));
}

TEST(Metrics, CountersAddAndGaugesHoldTheLastValue) {
  Registry registry;
  const Counter counter = registry.MakeCounter("seawall_test_total", "?");
  const Gauge gauge = registry.MakeGauge("seawall_test_open", "?");
  counter.Add();
  counter.Add(2);
  gauge.Set(7);
  gauge.Set(-1.5);
  EXPECT_THAT(registry.Text(), HasSubstr("\nseawall_test_total 3\n"));
  EXPECT_THAT(registry.Text(), HasSubstr("\nseawall_test_open -1.5\n"));
}

TEST(Metrics, HistogramCountsUpToAndWithItsBounds) {
  Registry registry;
  const Histogram histogram =
      registry.MakeHistogram("seawall_test_seconds", "?", {1, 2});
  for (const double value : {0.5, 1.0, 1.5, 9.0}) histogram.Observe(value);
  const std::string text = registry.Text();
  EXPECT_THAT(text, HasSubstr("seawall_test_seconds_bucket{le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("seawall_test_seconds_bucket{le=\"2\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("seawall_test_seconds_bucket{le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("seawall_test_seconds_count 4\n"));
  EXPECT_THAT(text, HasSubstr("seawall_test_seconds_sum 12\n"));
}

TEST(Metrics, SameNameAndLabelsAreTheSameSeries) {
  Registry registry;
  const Labels labels = {{"outcome", "good"}};
  registry.MakeCounter("seawall_test_total", "?", labels).Add();
  registry.MakeCounter("seawall_test_total", "?", labels).Add();
  registry.MakeCounter("seawall_test_total", "?", {{"outcome", "bad"}});
  registry.MakeGauge("seawall_test_open", "?").Set(4);
  registry.MakeGauge("seawall_test_open", "?");
  registry.MakeHistogram("seawall_test_seconds", "?", {1}).Observe(1);
  registry.MakeHistogram("seawall_test_seconds", "?", {1}).Observe(1);
  const std::string text = registry.Text();
  EXPECT_THAT(text, HasSubstr("seawall_test_total{outcome=\"good\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("seawall_test_total{outcome=\"bad\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("seawall_test_open 4\n"));
  EXPECT_THAT(text, HasSubstr("seawall_test_seconds_count 2\n"));
  EXPECT_EQ(text.find("# TYPE seawall_test_total"),
            text.rfind("# TYPE seawall_test_total"));
}

TEST(Metrics, LabelValuesAreEscaped) {
  Registry registry;
  registry.MakeCounter("seawall_test_total", "?", {{"kind", "a\"b\\c\nd"}});
  EXPECT_THAT(registry.Text(), HasSubstr("{kind=\"a\\\"b\\\\c\\nd\"} 0\n"));
}

TEST(Metrics, HandlesMayBeUsedFromManyThreads) {
  Registry registry;
  const Counter counter = registry.MakeCounter("seawall_test_total", "?");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([counter] {
      for (int i = 0; i < 1000; ++i) counter.Add();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(registry.Text(), HasSubstr("\nseawall_test_total 4000\n"));
}

TEST(Metrics, LatencyBucketsAscendFromHalfAMillisecondToTenSeconds) {
  const auto buckets = Registry::LatencyBuckets();
  EXPECT_EQ(buckets.front(), 0.0005);
  EXPECT_EQ(buckets.back(), 10);
  EXPECT_TRUE(std::is_sorted(buckets.begin(), buckets.end()));
}

TEST(Metrics, AreServedOnAFreePort) {
  Registry registry;
  registry.MakeCounter("seawall_test_total", "?").Add(5);
  ASSERT_TRUE(registry.Serve("127.0.0.1:0").has_value());
  ASSERT_GT(registry.port(), 0);
  const std::string answer = Scrape(registry.port());
  EXPECT_THAT(answer, HasSubstr("200 OK"));
  EXPECT_THAT(answer, HasSubstr("text/plain"));
  EXPECT_THAT(answer, HasSubstr("\nseawall_test_total 5\n"));
}

TEST(Metrics, ATakenPortIsRefused) {
  Registry first;
  ASSERT_TRUE(first.Serve("127.0.0.1:0").has_value());
  Registry second;
  const auto served = second.Serve("127.0.0.1:" + std::to_string(first.port()));
  ASSERT_FALSE(served.has_value());
  EXPECT_EQ(served.error().reason, "METRICS_PORT");
  EXPECT_EQ(served.error().code, Code::kUnavailable);
  EXPECT_EQ(second.port(), 0);
}

TEST(Metrics, AnAddressThatIsNoneIsRefused) {
  Registry registry;
  EXPECT_EQ(registry.Serve("not an address").error().reason, "METRICS_PORT");
}

TEST(Metrics, TheRegistryStopsServingWhenItEnds) {
  int port = 0;
  {
    Registry registry;
    ASSERT_TRUE(registry.Serve("127.0.0.1:0").has_value());
    port = registry.port();
  }
  EXPECT_EQ(Scrape(port), "");
}

TEST(MetricsDeathTest, OneNameForTwoKindsStopsTheProgram) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  Registry registry;
  registry.MakeCounter("seawall_test_total", "?");
  EXPECT_DEATH(registry.MakeGauge("seawall_test_total", "?"),
               "metric seawall_test_total");
}

}  // namespace
}  // namespace seawall::metrics
