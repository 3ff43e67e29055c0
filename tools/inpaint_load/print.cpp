// SPDX-License-Identifier: Apache-2.0
// The report of a run, as JSON and as a table.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <string_view>

#include "tools/inpaint_load/report.h"
#include "tools/shared/json_text.h"

namespace inpaintd::tools {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(std::size_t value) { return value; }
Json json_of(const Percentiles& p) {
  return {{"p50", p.p50}, {"p90", p.p90}, {"p99", p.p99}, {"p999", p.p999}, {"max", p.max}};
}
Json json_of(const Accounting& all) {
  return {{"requests", all.requests}, {"answered", all.answered}, {"duplicate", all.duplicate},
          {"attempts", all.attempts}, {"late", all.late},         {"verified", all.verified},
          {"wrong", all.wrong}};
}

/// Any range of pairs, as an object.
template <class Pairs>
Json json_object(const Pairs& pairs) {
  Json object = Json::object();
  for (const auto& [key, value] : pairs) object[fmt::to_string(key)] = json_of(value);
  return object;
}

template <class Map>
std::string counts(std::string_view label, const Map& map) {
  std::vector<std::string> parts;
  for (const auto& [key, count] : map) parts.push_back(fmt::format("{}: {}", key, count));
  return parts.empty() ? "" : fmt::format("{:<16}{}\n", label, fmt::join(parts, ", "));
}

std::string row(std::string_view label, const Percentiles& p) {
  return fmt::format("  {:<14}{:10.2f}{:10.2f}{:10.2f}{:10.2f}{:10.2f}\n", label, p.p50, p.p90, p.p99, p.p999, p.max);
}

std::string warnings(const Report& report) {
  const Accounting& all = report.all;
  std::string text;
  const auto add = [&text]<class... Args>(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text), format, std::forward<Args>(args)...);
  };
  if (all.answered < all.requests) add("LOST: {} requests were not answered.\n", all.requests - all.answered);
  if (all.duplicate > 0)
    add("DUPLICATE: requests were answered more than once ({} additional answers).\n", all.duplicate);
  if (all.wrong > 0) add("WRONG: {} answers do not match their requests; the first: {}.\n", all.wrong, all.first_fault);
  if (report.let_through() > 0) add("POISON: {} broken requests were not refused.\n", report.let_through());
  if (report.harmed > 0) add("HARMED: {} good requests were refused, or failed in the end.\n", report.harmed);
  if (report.lag_large) add("Requests left late: this machine, not the service, was the limit.\n");
  if (!report.keeps_up) add("The service did not keep up: its queue grew, and the latency with it.\n");
  return text;
}

}  // namespace

std::string to_json(const Report& report, const Timeline* timeline) {
  Json json{{"sent", report.sent},
            {"ok", report.ok},
            {"errors", json_object(report.errors)},
            {"unanswered", report.unanswered},
            {"poison", json_object(report.poison)},
            {"cancelled", json_object(report.cancelled)},
            {"harmed", report.harmed},
            {"cached", report.cached},
            {"all", json_of(report.all)},
            {"duration_s", report.duration_s},
            {"offered", report.offered},
            {"rate", report.rate},
            {"goodput", report.goodput},
            {"generator_cpu_cores", report.cpu_cores},
            {"latency_ms", json_of(report.latency_ms)},
            {"send_lag_ms", json_of(report.send_lag_ms)},
            {"send_lag_large", report.lag_large},
            {"batch_size", json_object(report.batch_size)},
            {"stages_ms", json_object(report.stages_ms)},
            {"served_by", json_object(report.served_by)},
            {"keeps_up", report.keeps_up},
            {"windows", report.windows},
            {"stable", report.stable}};
  if (timeline != nullptr) json["timeline"] = to_json(*timeline);
  return json_text(json);
}

std::string to_table(const Report& report) {
  const Accounting& all = report.all;
  std::string text;
  text += fmt::format("answers/s       {:.2f} (within the limit: {:.2f}), of {:.2f} requests/s, over {:.2f} s, {}\n",
                      report.rate, report.goodput, report.offered, report.duration_s,
                      report.stable ? "stable" : "UNSTABLE");
  text += fmt::format("requests        {} sent, {} ok, {} cached\n", report.sent, report.ok, report.cached);
  text += counts("errors", report.errors);
  text += counts("- of the poison", report.poison);
  text += counts("- cancelled", report.cancelled);
  text += fmt::format("accounts        {} sent = {} answered, {} duplicate, {} sent again; {} verified, {} wrong\n",
                      all.requests, all.answered, all.duplicate, all.attempts - all.requests, all.verified, all.wrong);
  text += counts("batch sizes", report.batch_size);
  text += counts("served by", report.served_by);
  text += fmt::format("{:<12}{:>14}{:>10}{:>10}{:>10}{:>10}\n", "milliseconds", "p50", "p90", "p99", "p99.9", "max");
  text += row("latency", report.latency_ms);
  for (const auto& [name, time] : report.stages_ms) text += row("- " + name, time);
  text += row("send lag", report.send_lag_ms);
  text += fmt::format("generator       {:.2f} cores of CPU time\n", report.cpu_cores);
  return text + warnings(report);
}

}  // namespace inpaintd::tools
