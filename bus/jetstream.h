// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "bus/call.h"
#include "bus/connection.h"

/// The API of JetStream: requests and answers in JSON on `$JS.API.>`. Private to bus/.
namespace inpaintd {

/// The error of a JetStream that does not do what was asked.
struct JetStreamError {
  /// As in HTTP: 404 for what does not exist, 503 for a server without JetStream; 0: there was no answer.
  int code = 0;
  std::string message;
  int reason = 0;  ///< the server's number of the error (`err_code`); 0: none
};

/// JetStreamError::reason of a message whose subject has another last message than
/// `Nats-Expected-Last-Subject-Sequence`.
inline constexpr int wrong_last_sequence = 10071;

template <class T>
using JetStreamResult = Result<T, JetStreamError>;

/// A series of requests that share one inbox and one deadline. Not thread safe.
class JetStream {
 public:
  /// `timeout` is for all requests together. The connection must outlive the object.
  JetStream(Connection& connection, std::chrono::milliseconds timeout);

  /// Sends a message, and waits for the answer. An answer without responders has code 503.
  JetStreamResult<Message> ask(const std::string& subject, Bytes data, const Headers& headers = {});

  /// Calls `$JS.API.<method>`, such as STREAM.INFO.<stream>.
  JetStreamResult<nlohmann::json> call(std::string_view method, const nlohmann::json& body = nullptr);

  /// Stores a message in the stream of `subject`, and waits until the server has stored it. Returns its sequence
  /// number.
  JetStreamResult<std::uint64_t> publish(const std::string& subject, Bytes data, const Headers& headers = {});
  /// The same, with the errors of ObjectStore.
  Status store(const std::string& subject, Bytes data, const Headers& headers = {});

  /// A stored message.
  struct Stored {
    std::uint64_t sequence = 0;
    std::string subject;
    std::string data;
    Headers headers;

    [[nodiscard]] std::string header(std::string_view key) const;  ///< empty when absent
  };
  /// The last message of a subject, as the leader of the stream knows it.
  JetStreamResult<Stored> last(const std::string& stream, const std::string& subject);
  /// The last message of a subject. Any replica may answer, so a message that was stored a moment ago may still be
  /// missing. The subject of the request names `subject`, so that permissions can allow it for some subjects only.
  JetStreamResult<Stored> look(const std::string& stream, const std::string& subject);
  /// The first message of a subject from a sequence number on. Any replica may answer, so a message that was stored a
  /// moment ago may still be missing.
  JetStreamResult<Stored> next(const std::string& stream, const std::string& subject, std::uint64_t from);
  /// The same, as the leader of the stream knows it.
  JetStreamResult<Stored> next_at_leader(const std::string& stream, const std::string& subject, std::uint64_t from);

 private:
  [[nodiscard]] std::chrono::milliseconds rest() const;
  JetStreamResult<Stored> read(const std::string& stream, const nlohmann::json& which);
  JetStreamResult<Stored> read_any(const std::string& subject, const std::string& stream, Bytes body,
                                   const nlohmann::json& which);

  Connection& connection_;
  std::chrono::steady_clock::time_point deadline_;
  std::optional<Call> call_;
};

/// base64 with the URL-safe alphabet and padding, as ADR-20 writes names and digests.
std::string to_base64url(Bytes bytes);

}  // namespace inpaintd
