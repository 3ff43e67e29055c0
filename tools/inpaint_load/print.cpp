// SPDX-License-Identifier: Apache-2.0
#include <iomanip>
#include <sstream>
#include <string_view>
#include <utility>

#include "tools/inpaint_load/report.h"
#include "tools/shared/json.h"

namespace inpaintd::tools {
namespace {

std::string json_of(std::size_t value) { return json::number(value); }
std::string json_of(const Percentiles& p) {
  return json::Object()
      .add("p50", json::number(p.p50))
      .add("p90", json::number(p.p90))
      .add("p99", json::number(p.p99))
      .add("p999", json::number(p.p999))
      .add("max", json::number(p.max))
      .in_a_line();
}
std::string json_of(const Accounting& all) {
  return json::Object()
      .add("requests", json::number(all.requests))
      .add("answered", json::number(all.answered))
      .add("duplicate", json::number(all.duplicate))
      .add("attempts", json::number(all.attempts))
      .add("late", json::number(all.late))
      .add("verified", json::number(all.verified))
      .add("wrong", json::number(all.wrong))
      .in_a_line();
}

std::string key_of(const std::string& key) { return key; }
std::string key_of(std::size_t key) { return std::to_string(key); }

/// Any range of pairs, as an object.
template <class Pairs>
std::string json_object(const Pairs& pairs) {
  json::Object object;
  for (const auto& [key, value] : pairs) object.add(key_of(key), json_of(value));
  return object.in_a_line();
}

std::string json_list(const std::vector<double>& values) {
  std::vector<std::string> pieces;
  for (double value : values) pieces.push_back(json::number(value));
  return json::list(pieces);
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

void warn(std::ostream& out, const Report& report) {
  const Accounting& all = report.all;
  if (all.answered < all.requests) out << "LOST: " << all.requests - all.answered << " requests got no answer.\n";
  if (all.duplicate > 0) out << "TWICE: " << all.duplicate << " answers were for requests that had theirs.\n";
  if (all.wrong > 0)
    out << "WRONG: " << all.wrong << " answers were not for their request: " << all.first_fault << ".\n";
  if (report.let_through() > 0) out << "POISON: " << report.let_through() << " broken requests were not refused.\n";
  if (report.harmed > 0) out << "HARMED: " << report.harmed << " good requests were refused, or failed for good.\n";
  if (report.lag_large) out << "The requests left late: this machine, not the service, was the limit.\n";
  if (!report.keeps_up) out << "The service did not keep up: a queue grew, and with it the latency.\n";
}

}  // namespace

std::string to_json(const Report& report, const Timeline* timeline) {
  json::Object object;
  object.add("sent", json::number(report.sent))
      .add("ok", json::number(report.ok))
      .add("errors", json_object(report.errors))
      .add("unanswered", json::number(report.unanswered))
      .add("poison", json_object(report.poison))
      .add("cancelled", json_object(report.cancelled))
      .add("harmed", json::number(report.harmed))
      .add("cached", json::number(report.cached))
      .add("all", json_of(report.all))
      .add("duration_s", json::number(report.duration_s))
      .add("offered", json::number(report.offered))
      .add("rate", json::number(report.rate))
      .add("goodput", json::number(report.goodput))
      .add("generator_cpu_cores", json::number(report.cpu_cores))
      .add("latency_ms", json_of(report.latency_ms))
      .add("send_lag_ms", json_of(report.send_lag_ms))
      .add("send_lag_large", json::flag(report.lag_large))
      .add("batch_size", json_object(report.batch_size))
      .add("stages_ms", json_object(report.stages_ms))
      .add("served_by", json_object(report.served_by))
      .add("keeps_up", json::flag(report.keeps_up))
      .add("windows", json_list(report.windows))
      .add("stable", json::flag(report.stable));
  if (timeline != nullptr) object.add("timeline", to_json(*timeline));
  return object.in_lines();
}

std::string to_table(const Report& report) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(2);
  out << "answers/s       " << report.rate << " (within the limit: " << report.goodput << "), of " << report.offered
      << " requests/s, over " << report.duration_s << " s, " << (report.stable ? "stable" : "UNSTABLE") << '\n';
  out << "requests        " << report.sent << " sent, " << report.ok << " ok, " << report.cached << " cached\n";
  counts(out, "errors", report.errors);
  counts(out, "- of the poison", report.poison);
  counts(out, "- we cancelled", report.cancelled);
  const Accounting& all = report.all;
  out << "accounts        " << all.requests << " sent = " << all.answered << " answered, " << all.duplicate
      << " twice, " << all.attempts - all.requests << " sent again; " << all.verified << " verified, " << all.wrong
      << " wrong\n";
  counts(out, "batch sizes", report.batch_size);
  counts(out, "served by", report.served_by);
  out << "milliseconds" << std::setw(14) << "p50" << std::setw(10) << "p90" << std::setw(10) << "p99" << std::setw(10)
      << "p99.9" << std::setw(10) << "max" << '\n';
  row(out, "latency", report.latency_ms);
  for (const auto& [name, time] : report.stages_ms) row(out, "- " + name, time);
  row(out, "send lag", report.send_lag_ms);
  out << "generator       " << report.cpu_cores << " cores of CPU time\n";
  warn(out, report);
  return std::move(out).str();
}

}  // namespace inpaintd::tools
