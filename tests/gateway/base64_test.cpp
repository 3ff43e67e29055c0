// SPDX-License-Identifier: Apache-2.0
#include "gateway/text/base64.h"

#include <doctest/doctest.h>

#include "core/base64.h"

using namespace inpaintd;
using namespace inpaintd::gateway;

TEST_CASE("base64 text is decoded, with or without padding, over several lines, in both alphabets") {
  struct Row {
    std::string text, bytes;
  };
  // The vectors of RFC 4648, section 10.
  for (const Row& row : {Row{"", ""}, Row{"Zg==", "f"}, Row{"Zm8=", "fo"}, Row{"Zm9v", "foo"}, Row{"Zm9vYg==", "foob"},
                         Row{"Zm9vYmE=", "fooba"}, Row{"Zm9vYmFy", "foobar"}, Row{"Zg", "f"}, Row{"Zm8", "fo"},
                         Row{"Zm9v\r\nYmFy\n", "foobar"}, Row{"+/+/", "\xfb\xff\xbf"}, Row{"-_-_", "\xfb\xff\xbf"}}) {
    CAPTURE(row.text);
    const auto bytes = decode_base64(row.text);
    REQUIRE(bytes);
    CHECK(*bytes == row.bytes);
  }
}

TEST_CASE("a text that is not base64 is refused with the reason") {
  for (const std::string text : {"Zm9v!", "Z", "Zg==Zg==", "Zm9\xc3\xa4"}) {
    CAPTURE(text);
    const auto bytes = decode_base64(text);
    REQUIRE(!bytes);
    CHECK(bytes.error().code == ErrorCode::bad_request);
    CHECK(bytes.error().message.find(';') != std::string::npos);
  }
}

TEST_CASE("a data URL has to be in base64; its media type is not used") {
  CHECK(*decode_picture_text("data:image/png;base64,Zm9v") == "foo");
  CHECK(*decode_picture_text("data:application/octet-stream;base64,Zm9v") == "foo");
  CHECK(*decode_picture_text("data:;base64,Zm9v") == "foo");
  CHECK(*decode_picture_text("Zm9v") == "foo");
  CHECK(!decode_picture_text("data:image/png,foo"));
  CHECK(!decode_picture_text("data:image/png;base64"));
}
