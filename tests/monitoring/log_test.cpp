// SPDX-License-Identifier: Apache-2.0
#include "monitoring/log.h"

#include <doctest/doctest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <sstream>
#include <string>

using namespace inpaintd;

namespace {

/// A logger that writes into a string. line() leaves out the time at the start of a line.
struct LogFixture {
  std::ostringstream out;

  spdlog::logger logger(bool json) {
    spdlog::logger logger("test", std::make_shared<spdlog::sinks::ostream_sink_st>(out));
    logger.set_formatter(log_formatter(json));
    return logger;
  }
  std::string line() {
    std::string text = out.str();
    out.str("");
    const std::size_t start = text.find(text.front() == '{' ? "\"level\"" : " ");
    return text.substr(start + (text.front() == '{' ? 0 : 1));
  }
};

Ticket ticket() {
  Ticket ticket;
  ticket.id = "a1";
  ticket.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  return ticket;
}

}  // namespace

TEST_CASE_FIXTURE(LogFixture, "every line that is logged in the scope of a request has its id and its trace") {
  auto text = logger(false);
  text.info("before");
  CHECK(line() == "info before\n");
  const Ticket about = ticket();
  {
    const LogScope scope(about);
    text.warn("the codec complains");
    CHECK(line() == "warning the codec complains request=a1 trace_id=0af7651916cd43dd8448eb211c80319c\n");
  }
  text.info("after");
  CHECK(line() == "info after\n");
}

TEST_CASE_FIXTURE(LogFixture, "in JSON the fields are members, and all text is escaped") {
  auto json = logger(true);
  json.info("a \"quoted\"\nmessage\xff");
  CHECK(line() == "\"level\":\"info\",\"message\":\"a \\\"quoted\\\"\\nmessage\uFFFD\"}\n");
  const Ticket about = ticket();
  const LogScope outer(about);
  const LogScope inner{{"code", "done"}, {"total_us", std::int64_t{1234}}, {"device", ""}};
  json.debug("hidden");
  json.info("done");
  CHECK(line() == R"("level":"info","message":"done","request":"a1","trace_id":"0af7651916cd43dd8448eb211c80319c",)"
                  "\"code\":\"done\",\"total_us\":1234}\n");
}

TEST_CASE_FIXTURE(LogFixture, "in text an ambiguous value is quoted") {
  auto text = logger(false);
  const LogScope scope{{"device", "GPU 0"}, {"x", "a=b"}, {"y", "\x1b[31m"}, {"n", std::int64_t{-1}}};
  text.info("m");
  CHECK(line() == "info m device=\"GPU 0\" x=\"a=b\" y=\"\\u001b[31m\" n=-1\n");
}

TEST_CASE_FIXTURE(LogFixture, "a copy of the formatter, which every sink has, writes the same line") {
  const LogScope scope{{"k", "v"}};
  auto first = logger(true);
  spdlog::logger second("copy", std::make_shared<spdlog::sinks::ostream_sink_st>(out));
  second.set_formatter(log_formatter(true)->clone());
  first.info("m");
  const std::string expected = line();
  second.info("m");
  CHECK(line() == expected);
  CHECK(expected.find("\"k\":\"v\"") != std::string::npos);
}
