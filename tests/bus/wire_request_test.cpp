// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/bus/wire_literals.h"

namespace inpaintd::test {
namespace {

const std::string image = " a5'image' c401ff";
const std::string mask = " a4'mask' c402eeef";

/// The result of decoding: the request in one line, or the error's message after "! ".
std::string outcome(const std::string& literal) {
  const auto message = bytes(literal);
  const auto request = wire::decode_request(message);
  if (request) return text(*request);
  CHECK(request.error().code == ErrorCode::bad_request);
  return "! " + request.error().message;
}

std::string with_mask(const std::string& value) { return outcome("82" + image + " a4'mask'" + value); }
std::string with_image(const std::string& value) { return outcome("82" + mask + " a5'image'" + value); }
std::string with_options(const std::string& map) { return outcome("83" + image + mask + " a7'options'" + map); }

}  // namespace

TEST_CASE("a request needs an image and a mask, and every other key has a default") {
  CHECK(outcome("82" + image + mask) == " | file ff | file eeef | - | same - full auto 0 0");
  CHECK(outcome("82" + mask + image) == " | file ff | file eeef | - | same - full auto 0 0");
  CHECK(outcome("81" + mask) == "! required key `image` is missing");
  CHECK(outcome("81" + image) == "! required key `mask` is missing");
  CHECK(outcome("80") == "! required key `image` is missing");
}

TEST_CASE("the example in docs/protocol.md is a valid request") {
  const std::string example =
      "82 a5 696d616765 83 a1 77 02 a1 68 01 a4 64617461 c4 06 ff0000 000000"
      " a4 6d61736b 81 a5 7265637473 91 94 01 00 01 01";
  CHECK(bytes(example).size() == 45);
  CHECK(outcome(example) == " | raw 2x1 ff0000000000 | rects [1,0,1,1] | - | same - full auto 0 0");
}

TEST_CASE("every key of a request is read") {
  CHECK(outcome("86 a2'id' a5'A-9_.'" + image + mask +
                " aa'timeout_ms' cd03e8 a8'progress' c3 a7'options' 86"
                " a6'format' a4'webp' a7'quality' 01 a6'region' a5'patch' a8'strategy' a6'resize' a6'dilate' 40"
                " a7'feather' 07") == "A-9_. | file ff | file eeef | 1000 progress | webp 1 patch resize 64 7");
}

TEST_CASE("an image is a file, or raw RGB with its width and height") {
  CHECK(with_image("c4020102") == " | file 0102 | file eeef | - | same - full auto 0 0");
  CHECK(with_image("a2'ab'") == " | file 6162 | file eeef | - | same - full auto 0 0");  // str for bin
  CHECK(with_image("c400") == " | file  | file eeef | - | same - full auto 0 0");
  CHECK(with_image("83 a1'w' 01 a1'h' 01 a4'data' c403010203") ==
        " | raw 1x1 010203 | file eeef | - | same - full auto 0 0");
  CHECK(with_image("82 a1'w' 01 a4'data' c403010203") == "! required key `image.h` is missing");
  CHECK(with_image("83 a1'w' 00 a1'h' 01 a4'data' c400") == "! `image.w` must be an integer from 1 to 16777216, not 0");
  CHECK(with_image("83 a1'w' ce01000000 a1'h' 01 a4'data' c400") ==
        " | raw 16777216x1  | file eeef | - | same - full auto 0 0");
  CHECK(with_image("83 a1'w' ce01000001 a1'h' 01 a4'data' c400") ==
        "! `image.w` must be an integer from 1 to 16777216, not 16777217");
  CHECK(with_image("83 a1'w' 01 a1'h' 01 a4'data' 05") == "! `image.data` must be bin, not 5");
  CHECK(with_image("81 a4'bits' c400") == "! unknown key `image.bits`; known here: w, h, data");
  CHECK(with_image("07") ==
        "! `image` must be a JPEG, PNG or WebP file (bin) or a map {w, h, data} or {object: {bucket, name}}, not 7");
}

TEST_CASE("a mask is a file, raw bytes, bits, or rectangles") {
  const std::string wanted =
      "! `mask` must be an image file (bin), or a map {w, h, data}, {w, h, bits}, {rects: [[x, y, w, h], ...]} or "
      "{object: {bucket, name}}, not ";
  CHECK(with_mask("a1'z'") == " | file ff | file 7a | - | same - full auto 0 0");
  CHECK(with_mask("83 a1'w' 02 a1'h' 01 a4'data' c40200ff") == " | file ff | raw 2x1 00ff | - | same - full auto 0 0");
  CHECK(with_mask("83 a4'bits' a1 80 a1'w' 02 a1'h' 01") == " | file ff | bits 2x1 80 | - | same - full auto 0 0");
  CHECK(with_mask("81 a5'rects' 92 9400000101 94 01 02 cd0100 04") ==
        " | file ff | rects [0,0,1,1][1,2,256,4] | - | same - full auto 0 0");
  CHECK(with_mask("81 a5'rects' 90") == " | file ff | rects  | - | same - full auto 0 0");
  CHECK(with_mask("80") == wanted + "a map");
  CHECK(with_mask("82 a1'w' 02 a1'h' 01") == wanted + "a map");
  CHECK(with_mask("82 a1'w' 02 a4'bits' a180") == wanted + "a map");
  CHECK(with_mask("84 a1'w' 02 a1'h' 01 a4'data' c400 a4'bits' c400") == wanted + "a map");
  CHECK(with_mask("82 a5'rects' 90 a1'w' 01") == wanted + "a map");
  CHECK(with_mask("c0") == wanted + "nil");
  CHECK(with_mask("81 a4'rect' 90") == "! unknown key `mask.rect`; did you mean `rects`?");
}

TEST_CASE("a rectangle has four integers: a corner from 0, and sides from 1") {
  CHECK(with_mask("81 a5'rects' 91 93000001") == "! `mask.rects[0]` must be [x, y, w, h], not an array of 3");
  CHECK(with_mask("81 a5'rects' 92 9400000101 05") == "! `mask.rects[1]` must be [x, y, w, h], not 5");
  CHECK(with_mask("81 a5'rects' 91 94ff000101") ==
        "! `mask.rects[0][0]` must be an integer from 0 to 16777216, not -1");
  CHECK(with_mask("81 a5'rects' 91 9400000100") == "! `mask.rects[0][3]` must be an integer from 1 to 16777216, not 0");
  CHECK(with_mask("81 a5'rects' c3") == "! `mask.rects` must be an array of [x, y, w, h], not true");
}

TEST_CASE("a mask has at most 4096 rectangles") {
  const auto message = [](std::uint32_t count) {
    Request request;
    request.mask = RectMask{std::vector<Rect>(count, Rect{0, 0, 1, 1})};
    return copy(wire::encode_request(request));
  };
  CHECK(wire::decode_request(message(4096)));
  const auto refused = wire::decode_request(message(4097));
  REQUIRE(!refused);
  CHECK(refused.error().message ==
        "the message is nested too deep, or has too many elements (at most 4096 in an array, 64 in a map)");
}

TEST_CASE("an integer may have any msgpack width, and must lie in its range") {
  const auto timeout = [](const std::string& value) {
    return outcome("83" + image + mask + " aa'timeout_ms'" + value);
  };
  const std::string ok = " | file ff | file eeef | 9 | same - full auto 0 0";
  for (const char* nine : {"09", "cc09", "cd0009", "ce00000009", "cf0000000000000009", "d009", "d10009", "d200000009",
                           "d30000000000000009"})
    CHECK(timeout(nine) == ok);
  const std::string wanted = "! `timeout_ms` must be an integer from 1 to 600000, not ";
  CHECK(timeout("01") == " | file ff | file eeef | 1 | same - full auto 0 0");
  CHECK(timeout("ce000927c0") == " | file ff | file eeef | 600000 | same - full auto 0 0");
  CHECK(timeout("00") == wanted + "0");
  CHECK(timeout("ce000927c1") == wanted + "600001");
  CHECK(timeout("ff") == wanted + "-1");
  CHECK(timeout("d38000000000000000") == wanted + "-9223372036854775808");
  CHECK(timeout("cfffffffffffffffff") == wanted + "18446744073709551615");
  CHECK(timeout("ca41100000") == wanted + "a float");
  CHECK(timeout("cb4022000000000000") == wanted + "a float");
  CHECK(timeout("a1'9'") == wanted + "\"9\"");
  CHECK(timeout("c3") == wanted + "true");
  CHECK(timeout("91 09") == wanted + "an array of 1");
  CHECK(timeout("d40109") == wanted + "a msgpack extension");
}

TEST_CASE("an option outside of its range or list is refused, and the error names it") {
  CHECK(with_options("81 a7'quality' 64") == " | file ff | file eeef | - | same 100 full auto 0 0");
  CHECK(with_options("81 a7'quality' 00") == "! `options.quality` must be an integer from 1 to 100, not 0");
  CHECK(with_options("81 a7'quality' 65") == "! `options.quality` must be an integer from 1 to 100, not 101");
  CHECK(with_options("81 a6'dilate' 00") == " | file ff | file eeef | - | same - full auto 0 0");
  CHECK(with_options("81 a6'dilate' 41") == "! `options.dilate` must be an integer from 0 to 64, not 65");
  CHECK(with_options("81 a7'feather' 40") == " | file ff | file eeef | - | same - full auto 0 64");
  CHECK(with_options("81 ab'mask_values' a7'nonzero'") == " | file ff | file eeef | - | same - full auto 0 0 nonzero");
  CHECK(with_options("81 ab'mask_values' a3'red'") ==
        "! `options.mask_values` must be one of auto, luma, alpha, nonzero, not \"red\"");
  CHECK(with_options("81 aa'background' a7'#0aFF7f'") == " | file ff | file eeef | - | same - full auto 0 0 #0aff7f");
  for (const char* wrong : {"a7'#0aFF7g'", "a6'0aFF7f'", "a6'#aFF7f'", "a8'#0aFF7f0'", "01"})
    CHECK(with_options(std::string("81 aa'background' ") + wrong)
              .starts_with("! `options.background` must be a colour as #rrggbb, such as #ffffff, not "));
  CHECK(with_options("81 a7'feather' ff") == "! `options.feather` must be an integer from 0 to 64, not -1");
  CHECK(with_options("81 a8'lossless' c3") == " | file ff | file eeef | - | same - full auto 0 0 lossless");
  CHECK(with_options("81 a8'lossless' c2") == " | file ff | file eeef | - | same - full auto 0 0 lossy");
  CHECK(with_options("81 a8'lossless' 01") == "! `options.lossless` must be true or false, not 1");
  CHECK(with_options("81 a5'alpha' a4'fill'") == " | file ff | file eeef | - | same - full auto 0 0 alpha:fill");
  CHECK(with_options("81 a5'alpha' a3'yes'") == "! `options.alpha` must be one of keep, fill, not \"yes\"");
  CHECK(with_options("81 a6'format' a3'gif'") ==
        "! `options.format` must be one of same, png, jpeg, webp, raw, not \"gif\"");
  CHECK(with_options("81 a6'region' 01") == "! `options.region` must be one of full, patch, not 1");
  CHECK(with_options("81 a8'strategy' a9'automatic'") ==
        "! `options.strategy` must be one of auto, whole, crop, resize, not \"automatic\"");
  CHECK(with_options("90") == "! `options` must be a map, not an array of 0");
}

TEST_CASE("an image, a mask and a result may be named in the object store") {
  const std::string object = "82 a6'bucket' a1'b' a4'name' a3'x/y'";
  CHECK(outcome("82 a5'image' 81 a6'object' " + object + " a4'mask' 81 a6'object' " + object) ==
        " | file  at b:x/y | file  at b:x/y | - | same - full auto 0 0");
  CHECK(with_options("81 a6'result' " + object) == " | file ff | file eeef | - | same - full auto 0 0 result:b:x/y");
  CHECK(with_image("82 a6'object' " + object + " a1'w' 01") == "! unknown key `image.w`; known here: object");
  CHECK(with_image("81 a6'object' 81 a6'bucket' a1'b'") == "! required key `image.object.name` is missing");
  CHECK(with_image("81 a6'object' 82 a6'bucket' a2'a.' a4'name' a1'x'") ==
        "! `image.object.bucket` must have 1 to 64 characters of A-Z, a-z, 0-9, _ and -");
  CHECK(with_mask("81 a6'object' 82 a6'bucket' a1'b' a4'name' a0") ==
        "! `mask.object.name` must have 1 to 1024 bytes of UTF-8");
  CHECK(with_options("81 a6'result' 82 a6'bucket' a1'b' a4'name' a1 ff") ==
        "! `options.result.name` must have 1 to 1024 bytes of UTF-8");
}

TEST_CASE("an unknown key is refused, and the error names the most similar known key or all known keys") {
  CHECK(outcome("83" + image + mask + " a4'imag' 01") == "! unknown key `imag`; did you mean `image`?");
  CHECK(outcome("83" + image + mask + " a7'timeout' 01") ==
        "! unknown key `timeout`; known here: id, image, mask, timeout_ms, progress, options");
  CHECK(with_options("81 a6'qualty' 01") == "! unknown key `options.qualty`; did you mean `quality`?");
  CHECK(with_options("81 a3'abc' 01") ==
        "! unknown key `options.abc`; known here: format, quality, region, strategy, dilate, feather, mask_values, "
        "background, lossless, alpha, result");
  CHECK(outcome("83" + image + mask + " a5'a\n`'ff'b' 01") ==
        "! unknown key `a?`?b`; known here: id, image, mask, timeout_ms, progress, options");
  CHECK(outcome("83" + image + mask + " d930'012345678901234567890123456789012345678901234567' 01") ==
        "! unknown key `0123456789012345678901234567890123456789...`; known here: id, image, mask, timeout_ms, "
        "progress, options");
}

TEST_CASE("every key is a string and appears once") {
  CHECK(outcome("83" + image + mask + image) == "! key `image` appears twice");
  CHECK(with_options("82 a6'dilate' 01 a6'dilate' 01") == "! key `options.dilate` appears twice");
  CHECK(outcome("83" + image + mask + " 01 02") == "! the keys of the message must be strings, not 1");
  CHECK(with_options("81 c0 01") == "! the keys of `options` must be strings, not nil");
}

TEST_CASE("an id has 1 to 128 characters out of A-Z a-z 0-9 _ . : -") {
  const auto id = [](const std::string& value) { return outcome("83" + image + mask + " a2'id'" + value); };
  const std::string rest = " | file ff | file eeef | - | same - full auto 0 0";
  const std::string wanted = "! `id` must be a string of 1 to 128 characters of A-Z a-z 0-9 _ . : -, not ";
  const std::string longest(128, 'x');
  CHECK(id("a8'aZ09_.:-'") == "aZ09_.:-" + rest);
  CHECK(id("d980'" + longest + "'") == longest + rest);
  CHECK(id("d981'x" + longest + "'") == wanted + "\"" + longest.substr(0, 40) + "...\"");
  CHECK(id("a0") == wanted + "\"\"");
  CHECK(id("a3'a b'") == wanted + "\"a b\"");
  CHECK(id("c40161") == wanted + "bin");
}

TEST_CASE("an encoded request is decoded to the same request") {
  const auto data = bytes("010203");
  Request full;
  full.id = "job:7";
  full.image = RawPixels{1, 1, data};
  full.timeout = std::chrono::milliseconds(1500);
  full.progress = true;
  full.options = {Format::raw, 1, Region::patch, Strategy::crop, 3, 4};
  for (const MaskSource& form : {MaskSource(EncodedFile{data}), MaskSource(RawPixels{1, 3, data}),
                                 MaskSource(BitMask{8, 3, data}), MaskSource(RectMask{{{1, 2, 3, 4}, {0, 0, 1, 1}}})}) {
    full.mask = form;
    const auto message = copy(wire::encode_request(full));
    const auto decoded = wire::decode_request(message);
    REQUIRE(decoded);
    CHECK(text(*decoded) == text(full));
  }
}

TEST_CASE("the encoder leaves out keys with their default value") {
  const auto file = bytes("ff");
  const Request plain{.image = EncodedFile{file}, .mask = RectMask{{{0, 1, 2, 3}}}};
  CHECK(copy(wire::encode_request(plain)) == bytes("82" + image + " a4'mask' 81 a5'rects' 91 9400010203"));
}

TEST_CASE("a cancellation names its request") {
  CHECK(copy(wire::encode_cancel("a:1")) == bytes("81 a2'id' a3'a:1'"));
  CHECK(*wire::decode_cancel(bytes("81 a2'id' a3'a:1'")) == "a:1");
  CHECK(wire::decode_cancel(bytes("80")).error().message == "required key `id` is missing");
  CHECK(wire::decode_cancel(bytes("81 a2'id' a0")).error().code == ErrorCode::bad_request);
  CHECK(wire::decode_cancel(bytes("81 a3'ids' a0")).error().message == "unknown key `ids`; did you mean `id`?");
}

}  // namespace inpaintd::test
