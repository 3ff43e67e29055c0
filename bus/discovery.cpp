// SPDX-License-Identifier: Apache-2.0
#include "bus/discovery.h"

#include <ctime>

namespace inpaintd::discovery {
namespace {

/// Bytes of the valid UTF-8 character at the start of `text`; 0 when there is none (RFC 3629, table 3-7 of Unicode).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : (lead & 0xF0) == 0xE0        ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xED && byte(1) > 0x9F;
  const bool beyond = lead == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

/// `text` as a JSON string with its quotes (RFC 8259). What is not UTF-8 becomes U+FFFD.
std::string quoted(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text[0];
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out.append("\\u00").append({hex[static_cast<std::size_t>(c) >> 4], hex[static_cast<std::size_t>(c) & 15]});
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out + '"';
}

/// A JSON object, written member by member.
class Object {
 public:
  Object& text(std::string_view key, std::string_view value) { return raw(key, quoted(value)); }
  Object& number(std::string_view key, std::uint64_t value) { return raw(key, std::to_string(value)); }
  Object& raw(std::string_view key, std::string_view json) {
    text_.append(text_.empty() ? "{" : ",").append(quoted(key)).append(":").append(json);
    return *this;
  }
  [[nodiscard]] std::string str() const { return text_.empty() ? "{}" : text_ + "}"; }

 private:
  std::string text_;
};

std::string metadata_json(const Metadata& metadata) {
  Object object;
  for (const auto& [key, value] : metadata) object.text(key, value);
  return object.str();
}

std::string array_json(const std::vector<std::string>& elements) {
  std::string list;
  for (const auto& each : elements) list.append(list.empty() ? "" : ",").append(each);
  return "[" + list + "]";
}

Object head(const ServiceInfo& service, const std::string& kind) {
  Object object;
  object.text("type", "io.nats.micro.v1." + kind + "_response")
      .text("name", service.name)
      .text("id", service.id)
      .text("version", service.version)
      .raw("metadata", metadata_json(service.metadata));
  return object;
}

Object head(const EndpointInfo& endpoint) {
  Object object;
  object.text("name", endpoint.name).text("subject", endpoint.subject).text("queue_group", endpoint.queue_group);
  return object;
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::string endpoint_stats_json(const EndpointInfo& endpoint, const EndpointStats& stats) {
  const auto nanoseconds = static_cast<std::uint64_t>(stats.processing_time.count());
  return head(endpoint)
      .number("num_requests", stats.requests)
      .number("num_errors", stats.errors)
      .text("last_error", stats.last_error)
      .number("processing_time", nanoseconds)
      .number("average_processing_time", stats.requests == 0 ? 0 : nanoseconds / stats.requests)
      .raw("data", "{}")
      .str();
}

}  // namespace

std::vector<std::string> subjects(Verb verb, const ServiceInfo& service) {
  const std::string all = "$SRV." + std::string(name(verb));
  return {all, all + "." + service.name, all + "." + service.name + "." + service.id};
}

std::string ping_json(const ServiceInfo& service) { return head(service, "ping").str(); }

std::string info_json(const ServiceInfo& service) {
  std::vector<std::string> endpoints;
  for (const auto& each : service.endpoints)
    endpoints.push_back(head(each).raw("metadata", metadata_json(each.metadata)).str());
  return head(service, "info").text("description", service.description).raw("endpoints", array_json(endpoints)).str();
}

std::string stats_json(const ServiceInfo& service, std::chrono::system_clock::time_point started,
                       std::span<const EndpointStats> stats) {
  std::vector<std::string> endpoints;
  for (std::size_t i = 0; i < service.endpoints.size(); ++i)
    endpoints.push_back(endpoint_stats_json(service.endpoints[i], i < stats.size() ? stats[i] : EndpointStats{}));
  return head(service, "stats").text("started", rfc3339(started)).raw("endpoints", array_json(endpoints)).str();
}

}  // namespace inpaintd::discovery
