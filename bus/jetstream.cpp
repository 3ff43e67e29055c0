// SPDX-License-Identifier: Apache-2.0
#include "bus/jetstream.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/base64.h"

namespace inpaintd {
namespace {

using nlohmann::json;

constexpr int unavailable = 503;

/// A JSON text, or `null` when it is none.
json parsed(Bytes text) { return json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false); }

/// The error that an answer of the API reports; nothing when it reports none.
std::optional<JetStreamError> error_in(const json& answer) {
  if (!answer.is_object()) return JetStreamError{0, "the answer is not a JSON object"};
  const auto found = answer.find("error");
  if (found == answer.end() || !found->is_object()) return std::nullopt;
  return JetStreamError{found->value("code", 0), found->value("description", "an error without a description"),
                        found->value("err_code", 0)};
}

std::uint64_t number_in(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Reads headers as NATS sends them: a line with the version, then a line `Key: value` for each.
Headers parsed_headers(std::string_view text) {
  Headers headers;
  for (std::size_t at = text.find("\r\n"); at != std::string_view::npos;) {
    const std::size_t begin = at + 2;
    at = text.find("\r\n", begin);
    const std::string_view line = text.substr(begin, at == std::string_view::npos ? at : at - begin);
    if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
      const std::size_t value = line.find_first_not_of(' ', colon + 1);
      headers.emplace_back(line.substr(0, colon), value == std::string_view::npos ? "" : line.substr(value));
    }
  }
  return headers;
}

}  // namespace

std::string JetStream::Stored::header(std::string_view key) const {
  const auto found = std::ranges::find(headers, key, &Headers::value_type::first);
  return found == headers.end() ? std::string() : found->second;
}

JetStream::JetStream(Connection& connection, std::chrono::milliseconds timeout)
    : connection_(connection), deadline_(std::chrono::steady_clock::now() + timeout) {}

std::chrono::milliseconds JetStream::rest() const {
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
  return std::max(rest, std::chrono::milliseconds(0));
}

JetStreamResult<Message> JetStream::ask(const std::string& subject, Bytes data, const Headers& headers) {
  if (call_) {
    if (Status sent = call_->publish(subject, data, headers); !sent) return JetStreamError{0, sent.error().message};
  } else {
    auto call = Call::start(connection_, subject, data, headers);
    if (!call) return JetStreamError{0, call.error().message};
    call_.emplace(std::move(*call));
  }
  auto answer = call_->next(rest());
  if (!answer || !*answer) {
    call_.reset();  // a late answer must not count for the next request
    return JetStreamError{
        0, answer ? fmt::format("`{}`: the NATS server did not answer in time", subject) : answer.error().message};
  }
  if ((*answer)->no_responders())
    return JetStreamError{unavailable, fmt::format("`{}` has no responders: JetStream is not enabled for this account, "
                                                   "or the stream does not exist",
                                                   subject)};
  return std::move(**answer);
}

JetStreamResult<json> JetStream::call(std::string_view method, const json& body) {
  const std::string text = body.is_null() ? std::string() : body.dump();
  auto answer = ask(fmt::format("$JS.API.{}", method), as_bytes(text));
  if (!answer) return std::move(answer.error());
  json result = parsed(answer->data());
  if (auto error = error_in(result)) return std::move(*error);
  return result;
}

JetStreamResult<std::uint64_t> JetStream::publish(const std::string& subject, Bytes data, const Headers& headers) {
  const auto answer = ask(subject, data, headers);
  if (!answer) return answer.error();
  const json result = parsed(answer->data());
  if (auto error = error_in(result)) {
    error->message = fmt::format("storing to `{}`: {}", subject, error->message);
    return std::move(*error);
  }
  return result.value("seq", std::uint64_t{0});
}

Status JetStream::store(const std::string& subject, Bytes data, const Headers& headers) {
  const auto stored = publish(subject, data, headers);
  if (!stored) return Error{ErrorCode::store_failed, stored.error().message};
  return Ok{};
}

JetStreamResult<JetStream::Stored> JetStream::last(const std::string& stream, const std::string& subject) {
  return read(stream, {{"last_by_subj", subject}});
}

JetStreamResult<JetStream::Stored> JetStream::look(const std::string& stream, const std::string& subject) {
  return read_any(fmt::format("$JS.API.DIRECT.GET.{}.{}", stream, subject), stream, {}, {{"last_by_subj", subject}});
}

JetStreamResult<JetStream::Stored> JetStream::next(const std::string& stream, const std::string& subject,
                                                   std::uint64_t from) {
  const json which{{"seq", from}, {"next_by_subj", subject}};
  return read_any(fmt::format("$JS.API.DIRECT.GET.{}", stream), stream, as_bytes(which.dump()), which);
}

JetStreamResult<JetStream::Stored> JetStream::next_at_leader(const std::string& stream, const std::string& subject,
                                                             std::uint64_t from) {
  return read(stream, {{"seq", from}, {"next_by_subj", subject}});
}

JetStreamResult<JetStream::Stored> JetStream::read_any(const std::string& subject, const std::string& stream,
                                                       Bytes body, const json& which) {
  auto answer = ask(subject, body);
  // A stream that does not allow direct reading has no responders there.
  if (!answer) return answer.error().code == unavailable ? read(stream, which) : std::move(answer.error());
  if (const std::string status = answer->header("Status"); !status.empty())
    return JetStreamError{static_cast<int>(number_in(status)), answer->header("Description")};
  return Stored{number_in(answer->header("Nats-Sequence")), answer->header("Nats-Subject"),
                std::string(answer->data().begin(), answer->data().end()), answer->headers()};
}

JetStreamResult<JetStream::Stored> JetStream::read(const std::string& stream, const json& which) {
  auto answer = call(fmt::format("STREAM.MSG.GET.{}", stream), which);
  if (!answer) return std::move(answer.error());
  const json message = answer->value("message", json::object());
  auto data = decode_base64(message.value("data", ""));
  if (!data) return JetStreamError{0, fmt::format("the data of a stored message: {}", data.error().message)};
  auto headers = decode_base64(message.value("hdrs", ""));
  if (!headers) return JetStreamError{0, fmt::format("the headers of a stored message: {}", headers.error().message)};
  return Stored{message.value("seq", std::uint64_t{0}), message.value("subject", ""), std::move(*data),
                parsed_headers(*headers)};
}

std::string to_base64url(Bytes bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // with the zero that OpenSSL writes
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
  text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

}  // namespace inpaintd
