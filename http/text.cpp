// SPDX-License-Identifier: Apache-2.0
#include "http/text.h"

#include <fmt/format.h>

#include <ctime>
#include <iterator>

namespace inpaintd {
namespace {

void append(std::string& text, const HeaderList& headers) {
  for (const auto& [name, value] : headers) {
    text.append(name).append(": ");
    for (char c : value) text += c == '\r' || c == '\n' ? ' ' : c;
    text.append("\r\n");
  }
}

}  // namespace

std::string http_date(std::chrono::system_clock::time_point time) {
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[parts.tm_wday], parts.tm_mday, months[parts.tm_mon],
                     parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string head_text(int status, std::string_view reason, const HeaderList& headers, const HeaderList& more) {
  std::string text = fmt::format("HTTP/1.1 {} {}\r\n", status, reason);
  append(text, headers);
  append(text, more);
  return text.append("\r\n");
}

std::string chunk(std::string_view data) { return fmt::format("{:x}\r\n{}\r\n", data.size(), data); }

}  // namespace inpaintd
