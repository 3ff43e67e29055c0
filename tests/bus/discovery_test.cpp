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

TEST_CASE("an instance listens on the subjects of all services, of its name, and of its id") {
  CHECK(subjects(Verb::ping, service) ==
        std::vector<std::string>{"$SRV.PING", "$SRV.PING.inpaint", "$SRV.PING.inpaint.ABC"});
  CHECK(subjects(Verb::info, service)[0] == "$SRV.INFO");
  CHECK(subjects(Verb::stats, service)[2] == "$SRV.STATS.inpaint.ABC");
}

TEST_CASE("the answer to PING has name, id, version and metadata") {
  CHECK(ping_json(service) == R"({"type":"io.nats.micro.v1.ping_response","name":"inpaint","id":"ABC",)"
                              R"("version":"0.1.0","metadata":{"model":"lama"}})");
  CHECK(ping_json({"n", "i", "1.0.0", ""}) ==
        R"({"type":"io.nats.micro.v1.ping_response","name":"n","id":"i","version":"1.0.0","metadata":{}})");
}

TEST_CASE("the answer to INFO adds the description and the endpoints") {
  CHECK(info_json(service) ==
        R"({"type":"io.nats.micro.v1.info_response","name":"inpaint","id":"ABC","version":"0.1.0",)"
        R"("metadata":{"model":"lama"},"description":"fills holes","endpoints":[)"
        R"({"name":"run","subject":"inpaint.v1.run","queue_group":"inpaint","metadata":{}},)"
        R"({"name":"cancel","subject":"inpaint.v1.cancel","queue_group":"","metadata":{"a":"b"}}]})");
  CHECK(info_json({"n", "i", "1.0.0", ""}).ends_with(R"("description":"","endpoints":[]})"));
}

TEST_CASE("the answer to STATS has the requests, errors and times of each endpoint") {
  const std::chrono::system_clock::time_point started{std::chrono::seconds(1'700'000'000)};
  const EndpointStats run{3, 1, "queue full", std::chrono::nanoseconds(3001), R"({"busy":0.5})"};
  CHECK(stats_json(service, started, {&run, 1}) ==
        R"({"type":"io.nats.micro.v1.stats_response","name":"inpaint","id":"ABC","version":"0.1.0",)"
        R"("metadata":{"model":"lama"},"started":"2023-11-14T22:13:20Z","endpoints":[)"
        R"({"name":"run","subject":"inpaint.v1.run","queue_group":"inpaint","num_requests":3,"num_errors":1,)"
        R"("last_error":"queue full","processing_time":3001,"average_processing_time":1000,"data":{"busy":0.5}},)"
        R"({"name":"cancel","subject":"inpaint.v1.cancel","queue_group":"","num_requests":0,"num_errors":0,)"
        R"("last_error":"","processing_time":0,"average_processing_time":0,"data":{}}]})");
}

TEST_CASE("bytes that are not UTF-8 are replaced, so that the answer stays JSON") {
  CHECK(ping_json({"n", "i", "1.0.0", "", {{"host", "a\xff\"b"}}})
            .ends_with("\"metadata\":{\"host\":\"a\uFFFD\\\"b\"}}"));
}

}  // namespace inpaintd::discovery
