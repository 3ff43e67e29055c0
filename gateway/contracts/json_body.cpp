// SPDX-License-Identifier: Apache-2.0
#include "gateway/contracts/json_body.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "gateway/text/base64.h"

namespace inpaintd::gateway {
namespace {

using nlohmann::json;

/// Receives the events of the JSON reader. Only the outermost object's members are kept.
class BodyReader : public nlohmann::json_sax<json> {
 public:
  JsonBody body;
  std::optional<Error> problem;

  bool null() override { return scalar(std::nullopt); }
  bool boolean(bool value) override { return scalar(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) override { return scalar(std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) override { return scalar(std::to_string(value)); }
  bool number_float(double, const std::string& text) override { return scalar(text); }
  bool binary(json::binary_t&) override { return scalar(std::nullopt); }

  bool string(std::string& value) override {
    if (depth_ == 1 && key_ == "image") return picture(value, body.image);
    if (depth_ == 1 && key_ == "mask") return picture(value, body.mask);
    return scalar(std::move(value));
  }

  bool start_object(std::size_t) override { return start(); }
  bool start_array(std::size_t) override { return depth_ == 0 ? refuse("the body is not a JSON object") : start(); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool key(std::string& value) override {
    if (++members_ > json_members_max)
      return refuse(fmt::format("the JSON has more than {} members", json_members_max));
    if (depth_ == 1) key_ = std::move(value);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return refuse(fmt::format("the body is not valid JSON at byte {}", position));
  }

 private:
  bool refuse(std::string what) {
    problem = Error{ErrorCode::bad_request,
                    std::move(what) + "; write {\"image\": <data URL or base64>, \"mask\": <the same>}"};
    return false;
  }

  bool start() {
    if (depth_ == json_depth_max) return refuse("the JSON is nested too deep");
    if (depth_ == 1) body.nested.push_back(key_);
    ++depth_;
    return true;
  }

  bool end() {
    --depth_;
    return true;
  }

  bool scalar(std::optional<std::string> value) {
    if (depth_ == 0) return refuse("the body is not a JSON object");
    if (depth_ > 1) return true;
    if (key_ == "image" || key_ == "mask") return refuse(key_ + " is not a text");
    if (value) body.fields.emplace_back(key_, std::move(*value));
    return true;
  }

  bool picture(std::string& text, std::string& out) {
    auto bytes = decode_picture_text(text);
    text = {};
    if (!bytes) return refuse(fmt::format("{}: {}", key_, bytes.error().message));
    out = std::move(*bytes);
    return true;
  }

  std::size_t depth_ = 0;
  std::size_t members_ = 0;
  std::string key_;  ///< of the outermost object
};

}  // namespace

Result<JsonBody> read_json_body(std::string_view text) {
  BodyReader reader;
  if (!json::sax_parse(text.begin(), text.end(), &reader))
    return reader.problem.value_or(Error{ErrorCode::bad_request, "the body is not valid JSON; check it"});
  return std::move(reader.body);
}

}  // namespace inpaintd::gateway
