// SPDX-License-Identifier: Apache-2.0
#include <iomanip>
#include <locale>
#include <sstream>
#include <string_view>
#include <utility>

#include "tools/inpaint_load_report.h"

namespace inpaintd::tools {
namespace {

std::string json(const std::string& text) {
  std::ostringstream out;
  out << '"';
  for (char c : text) {
    if (c == '"' || c == '\\')
      out << '\\' << c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out << "\\u" << std::hex << std::setw(4) << std::setfill('0') << static_cast<int>(c) << std::dec;
    else
      out << c;
  }
  out << '"';
  return std::move(out).str();
}
std::string json(bool value) { return value ? "true" : "false"; }
std::string json(std::size_t value) { return std::to_string(value); }
std::string json(double value) {
  std::ostringstream out;
  out << std::setprecision(6) << value;
  return std::move(out).str();
}
std::string json(const Percentiles& p) {
  return "{\"p50\": " + json(p.p50) + ", \"p90\": " + json(p.p90) + ", \"p99\": " + json(p.p99) +
         ", \"p999\": " + json(p.p999) + ", \"max\": " + json(p.max) + "}";
}

std::string key_of(const std::string& key) { return key; }
std::string key_of(std::size_t key) { return std::to_string(key); }

/// Any range of pairs, as an object.
template <class Pairs>
std::string json_object(const Pairs& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs) text += (text.empty() ? "" : ", ") + json(key_of(key)) + ": " + json(value);
  return "{" + text + "}";
}

std::string json_list(const std::vector<double>& values) {
  std::string text;
  for (double value : values) text += (text.empty() ? "" : ", ") + json(value);
  return "[" + text + "]";
}

void row(std::ostream& out, std::string_view label, const Percentiles& p) {
  out << "  " << std::left << std::setw(14) << label << std::right;
  for (double value : {p.p50, p.p90, p.p99, p.p999, p.max}) out << std::setw(10) << value;
  out << '\n';
}

template <class Map>
void counts(std::ostream& out, std::string_view label, const Map& map) {
  if (map.empty()) return;
  out << std::left << std::setw(16) << label << std::right;
  for (auto each = map.begin(); each != map.end(); ++each)
    out << (each == map.begin() ? "" : ", ") << key_of(each->first) << ": " << each->second;
  out << '\n';
}

}  // namespace

std::string to_json(const Report& report) {
  std::ostringstream out;
  out << "{\n";
  const auto field = [&out](std::string_view key, const std::string& value, bool last = false) {
    out << "  \"" << key << "\": " << value << (last ? "\n" : ",\n");
  };
  field("sent", json(report.sent));
  field("ok", json(report.ok));
  field("errors", json_object(report.errors));
  field("unanswered", json(report.unanswered));
  field("duplicate", json(report.duplicate));
  field("cached", json(report.cached));
  field("duration_s", json(report.duration_s));
  field("rate", json(report.rate));
  field("goodput", json(report.goodput));
  field("latency_ms", json(report.latency_ms));
  field("send_lag_ms", json(report.send_lag_ms));
  field("send_lag_large", json(report.lag_large));
  field("batch_size", json_object(report.batch_size));
  field("stages_ms", json_object(report.stages_ms));
  field("served_by", json_object(report.served_by));
  field("keeps_up", json(report.keeps_up));
  field("windows", json_list(report.windows));
  field("stable", json(report.stable), true);
  out << "}\n";
  return std::move(out).str();
}

std::string to_table(const Report& report) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(2);
  out << "answers/s       " << report.rate << " (within the limit: " << report.goodput << "), over "
      << report.duration_s << " s, " << (report.stable ? "stable" : "UNSTABLE") << '\n';
  out << "requests        " << report.sent << " sent, " << report.ok << " ok, " << report.unanswered << " unanswered, "
      << report.duplicate << " duplicate, " << report.cached << " cached\n";
  counts(out, "errors", report.errors);
  counts(out, "batch sizes", report.batch_size);
  counts(out, "served by", report.served_by);
  out << "milliseconds" << std::setw(14) << "p50" << std::setw(10) << "p90" << std::setw(10) << "p99" << std::setw(10)
      << "p99.9" << std::setw(10) << "max" << '\n';
  row(out, "latency", report.latency_ms);
  for (const auto& [name, time] : report.stages_ms) row(out, "- " + name, time);
  row(out, "send lag", report.send_lag_ms);
  if (report.lag_large) out << "The requests left late: this machine, not the service, was the limit.\n";
  if (!report.keeps_up) out << "The service did not keep up: a queue grew, and with it the latency.\n";
  return std::move(out).str();
}

}  // namespace inpaintd::tools
