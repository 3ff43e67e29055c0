// SPDX-License-Identifier: Apache-2.0
// What clients of lama-cleaner, IOPaint and ClipDrop send, and the form in which they expect errors.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "gateway/contracts/contract.h"
#include "tests/gateway/forms.h"

using namespace inpaintd;
using namespace inpaintd::gateway;
using namespace inpaintd::test;
using nlohmann::json;

TEST_CASE("lama-cleaner: its form is known by its fields, which are ignored but for the strategy") {
  struct Row {
    const char* hd_strategy;
    Strategy strategy;
  };
  for (const Row& row :
       {Row{"Original", Strategy::whole}, Row{"Resize", Strategy::resize}, Row{"Crop", Strategy::automatic}}) {
    const auto ask = read_own(form_type, form({{"image", "i"},
                                               {"mask", "m"},
                                               {"ldmSteps", "25"},
                                               {"ldmSampler", "plms"},
                                               {"hdStrategy", row.hd_strategy},
                                               {"sizeLimit", "1080"},
                                               {"prompt", ""}}));
    REQUIRE(ask);
    CHECK(ask->contract == Contract::lama_cleaner);
    CHECK(ask->submission.options.strategy == row.strategy);
  }
}

TEST_CASE("IOPaint: the request of its page is read, and unknown keys are ignored") {
  const auto ask = read_iopaint("application/json", R"({"image": "data:image/jpeg;base64,Zm9v",
      "mask": "data:image/png;base64,YmFy", "ldm_steps": 30, "ldm_sampler": "plms", "zits_wireframe": true,
      "hd_strategy": "Crop", "hd_strategy_crop_margin": 128, "hd_strategy_crop_triger_size": 800,
      "hd_trategy_resize_imit": 2048, "prompt": "", "croper_x": 0, "use_croper": false, "sd_seed": -1,
      "sd_guidance_scale": 7.5, "controlnet_conditioning_scale": 0.4, "extender_x": null, "nested": {"a": [1, "b"]}})");
  REQUIRE(ask);
  CHECK(ask->contract == Contract::iopaint);
  CHECK(ask->submission.image == "foo");
  CHECK(ask->submission.mask == "bar");
  CHECK(ask->submission.options == Options{});
  const auto small = read_iopaint("", R"({"image": "Zm9v", "mask": "YmFy", "hd_strategy": "Original"})");
  REQUIRE(small);
  CHECK(small->submission.options.strategy == Strategy::whole);
  CHECK(read_iopaint("", R"({"image": "Zm9v"})").error().message.starts_with("mask is missing"));
}

TEST_CASE("ClipDrop: its form is read; the answer is PNG unless Accept says otherwise") {
  struct Row {
    const char* accept;
    Format format;
  };
  const std::string body = form({{"image_file", "i"}, {"mask_file", "m"}, {"mode", "quality"}});
  for (const Row& row : {Row{"", Format::png}, Row{"*/*", Format::png}, Row{"image/webp", Format::webp},
                         Row{"image/jpeg", Format::jpeg}, Row{"image/png, image/webp", Format::png}}) {
    const auto ask = read_clipdrop(form_type, row.accept, body);
    REQUIRE(ask);
    CHECK(ask->contract == Contract::clipdrop);
    CHECK(ask->submission.options.format == row.format);
    CHECK(ask->submission.image == "i");
    CHECK(ask->submission.mask == "m");
  }
  CHECK(read_clipdrop(form_type, "", form({{"mask_file", "m"}})).error().message.starts_with("image_file is missing"));
  CHECK(read_clipdrop(form_type, "", form({{"image_file", "i"}})).error().message.starts_with("mask_file is missing"));
  CHECK(read_clipdrop("application/json", "", "{}").error().code == ErrorCode::bad_request);
}

TEST_CASE("the clients of each contract get errors in the form of that contract") {
  const Problem full{429, "overloaded", "the service is full", true, std::chrono::milliseconds(1200)};
  const auto body = [&](Contract contract) { return std::string(problem_reply(contract, full).content.text()); };
  CHECK(json::parse(body(Contract::own)) == json::parse(R"({"error": {"code": "overloaded",
      "message": "the service is full", "retryable": true, "retry_after_ms": 1200}})"));
  CHECK(body(Contract::lama_cleaner) == "the service is full\n");
  CHECK(json::parse(body(Contract::iopaint)) == json::parse(R"({"error": "overloaded", "detail": "the service is full",
      "body": "", "errors": "the service is full"})"));
  CHECK(json::parse(body(Contract::clipdrop)) == json::parse(R"({"error": "the service is full"})"));
  for (Contract contract : {Contract::own, Contract::lama_cleaner, Contract::iopaint, Contract::clipdrop}) {
    const HttpReply reply = problem_reply(contract, full);
    CHECK(reply.status == 429);
    CHECK(reply.headers.back() == std::pair<std::string, std::string>("Retry-After", "2"));
  }
}

TEST_CASE("the status is the protocol's number, except where HTTP has no such status") {
  for (const ErrorInfo& row : error_table) {
    const Problem told = problem(row.code, "m");
    CHECK(told.status == (row.number == 499 ? 409 : row.number));
    CHECK(told.code == row.name);
    CHECK(told.retryable == row.retryable);
  }
}
