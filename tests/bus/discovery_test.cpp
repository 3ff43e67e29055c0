// SPDX-License-Identifier: Apache-2.0
#include "bus/discovery.h"

#include <doctest/doctest.h>

namespace inpaintd::discovery {
namespace {

const ServiceInfo service{"inpaint",
                          "ABC",
                          "0.1.0",
                          "fills holes",
                          {{"model", "lama"}},
                          {{"run", "inpaint.v1.run", "inpaint"}, {"cancel", "inpaint.v1.cancel", "", {{"a", "b"}}}}};

}  // namespace

TEST_CASE("a service listens for everybody, for its name, and for itself") {
  CHECK(subjects(Verb::ping, service) ==
        std::vector<std::string>{"$SRV.PING", "$SRV.PING.inpaint", "$SRV.PING.inpaint.ABC"});
  CHECK(subjects(Verb::info, service)[0] == "$SRV.INFO");
  CHECK(subjects(Verb::stats, service)[2] == "$SRV.STATS.inpaint.ABC");
}

TEST_CASE("PING is answered with name, id and version") {
  CHECK(ping_json(service) == R"({"type":"io.nats.micro.v1.ping_response","name":"inpaint","id":"ABC",)"
                              R"("version":"0.1.0","metadata":{"model":"lama"}})");
  CHECK(ping_json({"n", "i", "1.0.0", ""}) ==
        R"({"type":"io.nats.micro.v1.ping_response","name":"n","id":"i","version":"1.0.0","metadata":{}})");
}

TEST_CASE("INFO adds the description and the endpoints") {
  CHECK(info_json(service) ==
        R"({"type":"io.nats.micro.v1.info_response","name":"inpaint","id":"ABC","version":"0.1.0",)"
        R"("metadata":{"model":"lama"},"description":"fills holes","endpoints":[)"
        R"({"name":"run","subject":"inpaint.v1.run","queue_group":"inpaint","metadata":{}},)"
        R"({"name":"cancel","subject":"inpaint.v1.cancel","queue_group":"","metadata":{"a":"b"}}]})");
  CHECK(info_json({"n", "i", "1.0.0", ""}).ends_with(R"("description":"","endpoints":[]})"));
}

TEST_CASE("STATS counts requests, errors and time per endpoint") {
  const std::chrono::system_clock::time_point started{std::chrono::seconds(1'700'000'000)};
  const EndpointStats run{3, 1, "queue full", std::chrono::nanoseconds(3001)};
  CHECK(stats_json(service, started, {&run, 1}) ==
        R"({"type":"io.nats.micro.v1.stats_response","name":"inpaint","id":"ABC","version":"0.1.0",)"
        R"("metadata":{"model":"lama"},"started":"2023-11-14T22:13:20Z","endpoints":[)"
        R"({"name":"run","subject":"inpaint.v1.run","queue_group":"inpaint","num_requests":3,"num_errors":1,)"
        R"("last_error":"queue full","processing_time":3001,"average_processing_time":1000,"data":{}},)"
        R"({"name":"cancel","subject":"inpaint.v1.cancel","queue_group":"","num_requests":0,"num_errors":0,)"
        R"("last_error":"","processing_time":0,"average_processing_time":0,"data":{}}]})");
}

TEST_CASE("any text becomes a valid JSON string") {
  const auto escaped = [](const std::string& text) {
    const std::string json = ping_json({text, "", "", ""});
    const std::size_t start = json.find("\"name\":") + 7;
    return json.substr(start, json.find(",\"id\"") - start);
  };
  CHECK(escaped("a\"b\\c/d") == R"("a\"b\\c/d")");
  CHECK(escaped(std::string("\0\x1f\n\t", 4)) == R"("\u0000\u001f\u000a\u0009")");
  CHECK(escaped("\x7f") == "\"\x7f\"");
  CHECK(escaped("\u00e9\u20ac\U0001f600\U0010ffff") == "\"\u00e9\u20ac\U0001f600\U0010ffff\"");
  const std::string bad = "\uFFFD";
  CHECK(escaped("\xff") == "\"" + bad + "\"");
  CHECK(escaped("\xc3") == "\"" + bad + "\"");                                // cut off
  CHECK(escaped("\xc0\xaf") == "\"" + bad + bad + "\"");                      // overlong
  CHECK(escaped("\xe0\x80\xaf") == "\"" + bad + bad + bad + "\"");            // overlong
  CHECK(escaped("\xed\xa0\x80") == "\"" + bad + bad + bad + "\"");            // surrogate
  CHECK(escaped("\xf4\x90\x80\x80") == "\"" + bad + bad + bad + bad + "\"");  // beyond U+10FFFF
  CHECK(escaped("a\x80z") == "\"a" + bad + "z\"");
}

}  // namespace inpaintd::discovery
