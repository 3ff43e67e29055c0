// SPDX-License-Identifier: Apache-2.0
// The gateway's own form of a request.
#include "gateway/contracts/contract.h"

#include <doctest/doctest.h>

#include "tests/gateway/forms.h"

using namespace inpaintd;
using namespace inpaintd::gateway;
using namespace inpaintd::test;

namespace {

std::string complaint(const std::string& json) {
  const auto ask = read_own("application/json", json);
  return ask ? "none" : ask.error().message;
}

}  // namespace

TEST_CASE("JSON with data URLs, base64 and options is read") {
  const auto ask = read_own("application/json; charset=utf-8",
                            R"({"image": "data:image/jpeg;base64,Zm9v", "mask": "YmFy", "format": "webp",
      "quality": 80, "lossless": false, "region": "patch", "strategy": "crop", "dilate": "3", "feather": 64, "timeout_ms": 1500,
      "mask_values": "nonzero", "background": "#102030", "alpha": "fill", "priority": "low"})");
  REQUIRE(ask);
  CHECK(ask->contract == Contract::own);
  const Submission& submission = ask->submission;
  CHECK(submission.image == "foo");
  CHECK(submission.mask == "bar");
  CHECK(submission.options == Options{Format::webp,
                                      80,
                                      Region::patch,
                                      Strategy::crop,
                                      3,
                                      64,
                                      MaskValues::nonzero,
                                      {16, 32, 48},
                                      false,
                                      AlphaFill::fill});
  CHECK(submission.timeout == std::chrono::milliseconds(1500));
  CHECK(submission.priority == Priority::low);
  CHECK(submission.bytes() == 6);
}

TEST_CASE("a form with files and options is read") {
  const auto ask = read_own(form_type, form({{"image", "\xff\xd8\0"}, {"mask", "png"}, {"dilate", "64"}}));
  REQUIRE(ask);
  CHECK(ask->contract == Contract::own);
  CHECK(ask->submission.image == "\xff\xd8");
  CHECK(ask->submission.mask == "png");
  CHECK(ask->submission.options.dilate == 64);
}

TEST_CASE("the fault of a request is named, with the nearest known word") {
  CHECK(complaint("").starts_with("the body is not valid JSON"));
  CHECK(complaint("{").starts_with("the body is not valid JSON at byte"));
  CHECK(complaint("[]").starts_with("the body is not a JSON object"));
  CHECK(complaint("1").starts_with("the body is not a JSON object"));
  CHECK(complaint("{}").starts_with("image is missing"));
  CHECK(complaint(R"({"image": "Zm9v"})").starts_with("mask is missing"));
  CHECK(complaint(R"({"image": "", "mask": "Zm9v"})").starts_with("image is missing"));
  CHECK(complaint(R"({"image": 3})").starts_with("image is not a text"));
  CHECK(complaint(R"({"image": "?"})").starts_with("image: character 0 is not base64"));
  CHECK(complaint(R"({"image": "Zg", "mask": "Zg", "dilat": 3})") ==
        "the field dilat is unknown; did you mean dilate?");
  CHECK(complaint(R"({"image": "Zg", "mask": "Zg", "background": "white"})") ==
        "background is \"white\"; write a colour as #rrggbb, such as #ffffff");
  CHECK(complaint(R"({"image": "Zg", "mask": "Zg", "dilate": 65})") ==
        "dilate is \"65\"; write a whole number from 0 to 64");
  CHECK(complaint(R"({"image": "Zg", "mask": "Zg", "dilate": 1.5})").starts_with("dilate is \"1.5\""));
  CHECK(complaint(R"({"image": "Zg", "mask": "Zg", "dilate": [1]})").starts_with("dilate is \"an object or a list\""));
  CHECK(complaint(R"({"image": "Zg", "mask": "Zg", "format": "gif"})") ==
        "format is \"gif\"; write one of same, png, jpeg, webp, raw");
  CHECK(complaint(R"({"image": "Zg", "mask": "Zg", "lossless": "yes"})") == "lossless is \"yes\"; write true or false");
  CHECK(complaint(R"({"image": "Zg", "mask": "Zg", "timeout_ms": 0})").starts_with("timeout_ms is \"0\""));
  CHECK(read_own("text/plain", "x").error().code == ErrorCode::unsupported_image);
}

TEST_CASE("members and nesting of JSON are bounded") {
  const auto nested = [](std::size_t depth) {
    return R"({"image": "Zg", "mask": "Zg", "format": )" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(complaint(nested(15)).starts_with("format is"));
  CHECK(complaint(nested(16)).starts_with("the JSON is nested too deep"));
  CHECK(complaint(nested(100'000)).starts_with("the JSON is nested too deep"));
  std::string many = R"({"image": "Zg", "mask": "Zg")";
  for (int i = 0; i < 255; ++i) many += R"(, "a": 1)";
  CHECK(complaint(many + "}").starts_with("the JSON has more than 256 members"));
}
