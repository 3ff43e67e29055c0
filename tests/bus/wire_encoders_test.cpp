// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/bus/wire_literals.h"

/// What other people's encoders write.
namespace inpaintd::test {
namespace {

/// The request, or the error after "! ".
std::string outcome(const std::vector<std::uint8_t>& message) {
  const auto request = wire::decode_request(message);
  return request ? text(*request) : "! " + request.error().message;
}
std::string outcome(const std::string& literal) { return outcome(bytes(literal)); }

const std::string image = " a5'image' c401ff", mask = " a4'mask' c402eeef";
const std::string plain = " | file ff | file eeef | - | same - full auto 0 0";

/// A message with an array of `count` numbers of one byte.
std::vector<std::uint8_t> with_numbers(const std::string& before, std::size_t count, const std::string& after) {
  auto message = bytes(before);
  message.insert(message.end(), {0xdd, 0, 0, static_cast<std::uint8_t>(count >> 8), static_cast<std::uint8_t>(count)});
  message.insert(message.end(), count, 7);
  const auto rest = bytes(after);
  message.insert(message.end(), rest.begin(), rest.end());
  return message;
}

}  // namespace

TEST_CASE("nil and undefined for an optional key count as absent") {
  for (const std::string nothing : {"c0", "d40000"}) {
    CHECK(outcome("86" + image + mask + " a2'id' " + nothing + " aa'timeout_ms' " + nothing + " a8'progress' " +
                  nothing + " a7'options' " + nothing) == plain);
    CHECK(outcome("83" + image + mask + " a7'options' 83 a7'feather' " + nothing + " a6'format' " + nothing +
                  " aa'background' " + nothing) == plain);
    CHECK(outcome("82" + image + " a4'mask' 83 a5'rects' 91 9400000101 a1'w' " + nothing + " a4'bits' " + nothing) ==
          " | file ff | rects [0,0,1,1] | - | same - full auto 0 0");
  }
  CHECK(outcome("82" + mask + " a5'image' c0")
            .ends_with("(bin) or a map {w, h, data} or {object: {bucket, name}}, not nil"));
  CHECK(outcome("83" + image + mask + " a3'abc' c0").starts_with("! unknown key `abc`"));
  CHECK(outcome("83" + image + mask + " a8'progress' d40001") ==
        "! `progress` must be true or false, not a msgpack extension");
}

TEST_CASE("an array of numbers where bytes are wanted is named, at any length") {
  const std::string wanted = " must be bytes, not an array of numbers; send bin";
  CHECK(outcome("82 a5'image' 93ccffccd8ccff" + mask) == "! `image`" + wanted);
  CHECK(outcome("82" + image + " a4'mask' 83 a1'w' 02 a1'h' 01 a4'data' 9200ccff") == "! `mask.data`" + wanted);
  CHECK(outcome("82" + image + " a4'mask' 83 a1'w' 02 a1'h' 01 a4'bits' 91ccff") == "! `mask.bits`" + wanted);
  for (const std::size_t count : {4096, 4097, 60'000}) {
    CHECK(outcome(with_numbers("82 a5'image'", count, mask)) == "! `image`" + wanted);
    CHECK(outcome(with_numbers("82" + image + " a4'mask'", count, "")) == "! `mask`" + wanted);
    CHECK(outcome(with_numbers("82" + mask + " a5'image' 83 a1'w' 02 a1'h' 01 a4'data'", count, "")) ==
          "! `image.data`" + wanted);
  }
  CHECK(outcome(with_numbers("81 a3'abc'", 4097, "")).starts_with("! the message is nested too deep"));
  CHECK(outcome("82 a5'image' 90" + mask).ends_with("not an array of 0"));
}

TEST_CASE("JSON and base64 text instead of msgpack are named") {
  const std::string json = "! the message is JSON; send a msgpack map, with the files in it as bin";
  CHECK(outcome(copy(R"({"image": "aGVsbG8=", "mask": {"rects": [[0, 0, 1, 1]]}})")) == json);
  CHECK(outcome(copy("  {}\n")) == json);
  CHECK(outcome(copy("[1, 2]")) == json);
  const std::string base64 = "! the message is base64 text; send the bytes of a msgpack map";
  CHECK(outcome(copy("gqVpbWFnZcQB/6RtYXNrxAH/")) == base64);
  CHECK(outcome(copy("gqVpbWFnZcQB/6RtYXNrxAE=\n")) == base64);
  CHECK(outcome(copy("GET / HTTP/1.1")) == "! the message must be a msgpack map, not 71");
}

TEST_CASE("base64 text and data URLs instead of a file's bytes are named") {
  const auto with_file = [](const std::string& key, const std::string& file, bool as_text) {
    auto message = bytes("82" + (key == "image" ? mask : image));
    message.push_back(static_cast<std::uint8_t>(0xa0 + key.size()));
    message.insert(message.end(), key.begin(), key.end());
    message.insert(message.end(),
                   {static_cast<std::uint8_t>(as_text ? 0xd9 : 0xc4), static_cast<std::uint8_t>(file.size())});
    message.insert(message.end(), file.begin(), file.end());
    return outcome(message);
  };
  for (const std::string key : {"image", "mask"})
    for (const bool as_text : {false, true}) {
      for (const char* file : {"/9j/4AAQSkZJRg==", "iVBORw0KGgoAAAAN", "UklGRiQAAABXRUJQ", "\n/9j/4AAQ"})
        CHECK(with_file(key, file, as_text) == "! `" + key + "` is base64 text; decode it, and send its bytes as bin");
      CHECK(with_file(key, "data:image/png;base64,iVBO", as_text) ==
            "! `" + key + "` is a data URL; decode it, and send its bytes as bin");
    }
  CHECK(outcome("82" + mask + " a5'image' 83 a1'w' 02 a1'h' 01 a4'data' a8'AAAA/wAA'") ==
        "! `image.data` is base64 text; decode it, and send its bytes as bin");
  CHECK(outcome("82" + image + " a4'mask' 83 a1'w' 02 a1'h' 01 a4'data' a4'AP8='") ==
        "! `mask.data` is base64 text; decode it, and send its bytes as bin");
  CHECK(outcome("82" + image + " a4'mask' 83 a1'w' 02 a1'h' 01 a4'bits' a4'gA=='") ==
        "! `mask.bits` is base64 text; decode it, and send its bytes as bin");
  // Samples may look like text.
  CHECK(outcome("82" + image + " a4'mask' 83 a1'w' 04 a1'h' 01 a4'data' a4'AP8='").starts_with(" | file ff | raw 4x1"));
}

}  // namespace inpaintd::test
