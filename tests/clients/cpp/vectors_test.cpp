// SPDX-License-Identifier: Apache-2.0
// docs/protocol-vectors.json holds the messages that the clients in every language are tested with. This test makes its
// content from the code of bus/wire/ and of the client, and checks that the file is the same. INPAINTD_WRITE_VECTORS=1
// writes the file.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bus/subjects.h"
#include "clients/cpp/retry.h"
#include "tests/bus/wire_literals.h"

namespace inpaintd::test {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr const char* file_name = INPAINTD_SOURCE_DIR "/docs/protocol-vectors.json";

struct NamedRequest {
  const char* name;
  Request request;
};

Json json_of(const EncodedFile& file) { return {{"file", text(file.data)}}; }
Json json_of(const RawPixels& raw) { return {{"w", raw.width}, {"h", raw.height}, {"data", text(raw.data)}}; }
Json json_of(const BitMask& mask) { return {{"w", mask.width}, {"h", mask.height}, {"bits", text(mask.data)}}; }
Json json_of(const Rect& rect) { return {rect.x, rect.y, rect.width, rect.height}; }
Json json_of(const RectMask& mask) {
  Json rects = Json::array();
  for (const Rect& rect : mask.rects) rects.push_back(json_of(rect));
  return {{"rects", rects}};
}

/// The keys that differ from their defaults, in the order of the message.
Json json_of(const Options& o) {
  const Options none;
  Json json = Json::object();
  if (o.format != none.format) json["format"] = name(o.format);
  if (o.quality) json["quality"] = *o.quality;
  if (o.region != none.region) json["region"] = name(o.region);
  if (o.strategy != none.strategy) json["strategy"] = name(o.strategy);
  if (o.dilate != none.dilate) json["dilate"] = o.dilate;
  if (o.feather != none.feather) json["feather"] = o.feather;
  if (o.mask_values != none.mask_values) json["mask_values"] = name(o.mask_values);
  if (o.background != none.background) json["background"] = text_of(o.background);
  if (o.lossless) json["lossless"] = *o.lossless;
  if (o.alpha != none.alpha) json["alpha"] = name(o.alpha);
  return json;
}
Json json_of(const ObjectName& object) { return {{"bucket", object.bucket}, {"name", object.name}}; }

Json json_of(const Request& request) {
  const auto source = [](const auto& form) { return json_of(form); };
  const auto stored = [](const ObjectName& object) { return Json{{"object", json_of(object)}}; };
  Json json{{"id", request.id},
            {"image", request.image_at ? stored(*request.image_at) : std::visit(source, request.image)},
            {"mask", request.mask_at ? stored(*request.mask_at) : std::visit(source, request.mask)}};
  if (request.timeout) json["timeout_ms"] = request.timeout->count();
  if (request.progress) json["progress"] = true;
  if (request.options != Options{}) json["options"] = json_of(request.options);
  if (request.result) json["options"]["result"] = json_of(*request.result);
  return json;
}

Json requests() {
  const auto image = bytes("ff");
  const auto mask = bytes("eeef");
  const auto pixels = bytes("ff0000 000000");
  const std::vector<std::uint8_t> long_file(300, 0x5a);
  const Options every{.format = Format::webp,
                      .quality = 90,
                      .region = Region::patch,
                      .strategy = Strategy::crop,
                      .dilate = 3,
                      .feather = 64,
                      .mask_values = MaskValues::alpha,
                      .background = {1, 2, 255},
                      .lossless = false,
                      .alpha = AlphaFill::fill};
  const auto request = [](const char* id, ImageSource image_source, MaskSource mask_source) {
    Request made;
    made.id = id;
    made.image = std::move(image_source);
    made.mask = std::move(mask_source);
    return made;
  };
  Request eager = request("A-9_.:z", EncodedFile{image}, EncodedFile{mask});
  eager.timeout = milliseconds(600'000);
  eager.progress = true;
  Request one = request("r1", EncodedFile{image}, EncodedFile{mask});
  one.timeout = milliseconds(1);
  one.options.format = Format::png;
  Request all_options = request("r1", EncodedFile{image}, EncodedFile{mask});
  all_options.timeout = milliseconds(60'000);
  all_options.progress = true;
  all_options.options = every;
  Request stored;
  stored.id = "r1";
  stored.image_at = ObjectName{"pictures", "in/a b.png"};
  stored.mask_at = ObjectName{"pictures", "in/mask"};
  stored.result = ObjectName{"results", "out/w\xc3\xa9"};
  const NamedRequest all[] = {
      {"files", request("r1", EncodedFile{image}, EncodedFile{mask})},
      {"raw picture, rectangle", request("r1", RawPixels{2, 1, pixels}, RectMask{{{1, 0, 1, 1}}})},
      {"no rectangle", request("r1", EncodedFile{image}, RectMask{})},
      {"large rectangle", request("r1", EncodedFile{image}, RectMask{{{0, 128, 256, 65536}}})},
      {"raw mask", request("r1", EncodedFile{image}, RawPixels{2, 1, mask})},
      {"bits", request("r1", EncodedFile{image}, BitMask{9, 1, mask})},
      {"long file", request("r1", EncodedFile{long_file}, EncodedFile{mask})},
      {"timeout and progress", eager},
      {"one option", one},
      {"every option", all_options},
      {"stored files and a stored result", stored},
  };
  Json out = Json::array();
  for (const NamedRequest& each : all) {
    const auto message = copy(wire::encode_request(each.request));
    const auto again = wire::decode_request(message);
    REQUIRE(again);
    CHECK(text(*again) == text(each.request));
    out.push_back({{"name", each.name}, {"request", json_of(each.request)}, {"message", text(message)}});
  }
  return out;
}

Json json_of(const wire::Done& done) {
  Json notes = Json::array();
  for (const Note& note : done.notes) notes.push_back({{"code", note.code}, {"message", note.message}});
  const Timings& t = done.timings;
  Json json{{"status", "done"},
            {"format", name(done.format)},
            {"width", done.size.width},
            {"height", done.size.height},
            {"region", json_of(done.region)},
            {"timings_us",
             {{"decode", t.decode.count()},
              {"queue", t.queue.count()},
              {"infer", t.infer.count()},
              {"encode", t.encode.count()},
              {"total", t.total.count()}}},
            {"batch_size", done.batch_size},
            {"device", done.device},
            {"model", done.model},
            {"cached", done.cached},
            {"service", done.service},
            {"notes", notes}};
  if (done.result)
    json["result"] = json_of(*done.result);
  else
    json["image"] = text(done.image);
  if (done.exact) json["exact"] = name(*done.exact);
  return json;
}
Json json_of(const wire::Failed& failed) {
  const Error& error = failed.error;
  Json json{{"status", "error"},
            {"code", info(error.code).name},
            {"message", error.message},
            {"retryable", info(error.code).retryable},
            {"retry_after_ms", nullptr}};
  if (error.retry_after) json["retry_after_ms"] = error.retry_after->count();
  return json;
}
Json json_of(const wire::Queued& queued) {
  return {{"status", "queued"}, {"position", queued.position}, {"eta_ms", queued.eta.count()}};
}
Json json_of(const wire::Running& running) {
  return {{"status", "running"}, {"batch_size", running.batch_size}, {"device", running.device}};
}

/// What a client that waits for answers to the request `r1` reads from `message`: null when it must skip the message.
Json reading(const char* name, const std::vector<std::uint8_t>& message) {
  Json json{{"name", name}, {"message", text(message)}, {"reply", nullptr}};
  if (!wire::concerns(message, "r1")) return json;
  const auto reply = wire::decode_reply(message);
  REQUIRE(reply);
  json["reply"] = std::visit([](const auto& each) { return json_of(each); }, *reply);
  return json;
}
Json reading(const char* name, const wire::Reply& reply) { return reading(name, copy(wire::encode_reply(reply))); }

Json replies() {
  const auto picture = bytes("0102");
  wire::Done done = sample_done(picture);
  done.device = "cuda:0";
  done.model = "big-lama";
  Json out = Json::array();
  out.push_back(reading("done", done));
  done.notes = {{"mask_empty", "the mask has no hole"}, {"flattened", "w\xc3\xa9iss"}};
  out.push_back(reading("done with notes", done));
  done = sample_done({});
  done.result = ObjectName{"pictures", "out/1"};
  done.exact = Exact::pixels;
  out.push_back(reading("done in the object store", done));
  out.push_back(reading("queued", wire::Queued{"r1", 3, milliseconds(70'000)}));
  out.push_back(reading("running", wire::Running{"r1", 4, "cpu"}));
  for (const ErrorInfo& row : error_table)
    out.push_back(reading(row.name.data(), wire::Failed{"r1", {row.code, "why"}}));
  out.push_back(reading("error with a time", wire::Failed{"r1", {ErrorCode::overloaded, "full", milliseconds(250)}}));
  out.push_back(reading("error without an id", wire::Failed{"", {ErrorCode::bad_request, "no id"}}));
  out.push_back(reading("unknown keys", bytes("85 a3'new' 81 01 02 a2'id' a2'r1' a6'status' a7'running'"
                                              " aa'batch_size' 01 a6'device' a3'cpu'")));
  out.push_back(reading("another request", wire::Failed{"r2", {ErrorCode::internal, "why"}}));
  out.push_back(reading("progress without an id", wire::Running{"", 4, "cpu"}));
  out.push_back(reading("acknowledgement of a stream", copy(R"({"stream":"AUDIT","seq":1})")));
  out.push_back(reading("text", copy("+ACK")));
  out.push_back(reading("map without an id", bytes("80")));
  out.push_back(reading("no map", bytes("a2'r1'")));
  out.push_back(reading("nothing", std::vector<std::uint8_t>{}));
  return out;
}

/// The state of the job `alice.1`, as a worker or a client writes it, and what a client reads from it.
Json job_state(const char* name, const std::string& value) {
  const auto state = wire::decode_job_state("alice.1", as_bytes(value));
  REQUIRE(state);
  return {{"name", name},
          {"value", text(copy(value))},
          {"reply", std::visit([](const auto& each) { return json_of(each); }, state->reply)},
          {"final", state->is_final()},
          {"deliveries", state->deliveries},
          {"returned", state->returned},
          {"dead", state->dead}};
}

Json jobs() {
  const std::string id = "alice.1";
  Json subjects = Json::array();
  for (const Priority priority : {Priority::high, Priority::normal, Priority::low})
    subjects.push_back({{"priority", name(priority)}, {"subject", job_subject("inpaint", priority)}});
  const std::vector<std::uint8_t> least = bytes("81 a6'status' a6'queued'");
  wire::Done done = sample_done({});
  done.id = id;
  done.result = job_result(id);
  done.exact = Exact::pixels;
  done.notes = {{"mask_empty", "the mask has no hole"}};
  const auto encoded = [](const wire::JobState& state) { return wire::encode_job_state(state); };
  return {{"id", id},
          {"subjects", subjects},
          {"ended", job_ended_subject("inpaint", id)},
          {"image", json_of(job_image(id))},
          {"mask", json_of(job_mask(id))},
          {"result", json_of(job_result(id))},
          {"states",
           {job_state("made by a client", std::string(least.begin(), least.end())),
            job_state("queued", encoded({wire::Queued{id, 3, milliseconds(70'000)}, 2, 1})),
            job_state("running", encoded({wire::Running{id, 4, "cpu"}, 1})),
            job_state("done, with more than 15 keys", encoded({done, 3, 1})),
            job_state("refused", encoded({wire::Failed{id, {ErrorCode::unsupported_image, "why"}}, 1})),
            job_state("dead", encoded({wire::Failed{id, {ErrorCode::device_failed, "why"}}, 5, 0, true}))}}};
}

Json back_offs() {
  Json out = Json::array();
  for (const int attempt : {0, 1, 5, 9})
    out.push_back({{"retry_after_ms", nullptr},
                   {"attempt", attempt},
                   {"jitter", 0},
                   {"wait_ms", back_off({}, attempt, 0).count()}});
  out.push_back({{"retry_after_ms", 1000},
                 {"attempt", 3},
                 {"jitter", 0.5},
                 {"wait_ms", back_off(milliseconds(1000), 3, 0.5).count()}});
  return out;
}

Json vectors() {
  Json subjects = Json::array();
  for (const Priority priority : {Priority::high, Priority::normal, Priority::low})
    subjects.push_back(
        {{"prefix", "inpaint"}, {"priority", name(priority)}, {"subject", run_subject("inpaint", priority)}});
  const std::string cancel = wire::encode_cancel("r1");
  return {
      {"about", "Messages of docs/protocol.md in hexadecimal. Written by tests/clients/cpp/vectors_test.cpp."},
      {"subjects", subjects},
      {"cancel",
       {{"prefix", "inpaint"}, {"subject", cancel_subject("inpaint")}, {"id", "r1"}, {"message", text(copy(cancel))}}},
      {"requests", requests()},
      {"waiting_for", "r1"},
      {"replies", replies()},
      {"jobs", jobs()},
      {"back_offs", back_offs()}};
}

}  // namespace

TEST_CASE("docs/protocol-vectors.json has the messages of this code") {
  const std::string now = vectors().dump(1) + "\n";
  if (std::getenv("INPAINTD_WRITE_VECTORS") != nullptr) std::ofstream(file_name) << now;
  std::ostringstream kept;
  kept << std::ifstream(file_name).rdbuf();
  INFO(
      "if the change of the protocol is meant, write the file: INPAINTD_WRITE_VECTORS=1 build/release/bin/test_client");
  const bool same = kept.str() == now;  // the texts are too long to be printed
  CHECK(same);
}

}  // namespace inpaintd::test
