// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/report.h"

#include <algorithm>

#include "tools/lama_bench/work.h"
#include "tools/shared/json.h"

namespace inpaintd::tools {
namespace {

/// What every kind of result begins with.
template <class T>
json::Object object_of(const T& of) {
  json::Object object;
  object.add("engine", json::text(of.engine)).add("precision", json::text(of.precision));
  object.add("width", json::number(static_cast<std::size_t>(of.size.width)));
  object.add("height", json::number(static_cast<std::size_t>(of.size.height)));
  object.add("batch", json::number(static_cast<std::size_t>(of.batch)));
  return object;
}

std::string json_of(const Row& row, const BenchReport& report) {
  json::Object object = object_of(row);
  object.add("model", json::text(row.model)).add("device", json::text(row.device));
  object.add("threads", json::number(static_cast<std::size_t>(report.threads)));
  object.add("images_per_s", json::number(row.images_per_s()));
  object.add("seconds_per_image", json::number(1 / row.images_per_s())).add("ratio", json::number(row.ratio));
  if (report.shape)
    object.add("nominal_flops_per_s", json::number(row.images_per_s() * nominal_flops(*report.shape, row.size)));
  std::vector<std::string> seconds, costs;
  for (const double each : row.seconds) seconds.push_back(json::number(each));
  object.add("seconds", json::list(seconds));
  for (const LayerCost& cost : row.costs)
    costs.push_back(json::Object()
                        .add("layers", json::text(cost.name))
                        .add("seconds", json::number(cost.seconds))
                        .add("flops", json::number(cost.flops))
                        .in_a_line());
  if (!costs.empty()) object.add("profile", json::list(costs));
  return object.add("failure", json::text(row.failure)).in_a_line();
}

std::string json_of(const MemoryPeak& peak, const BenchReport&) {
  return object_of(peak).add("peak_bytes", peak.bytes ? json::number(*peak.bytes) : "null").in_a_line();
}

std::string json_of(const Accuracy& accuracy, const BenchReport&) {
  const auto levels = [&](double share) {
    return json::number(static_cast<std::size_t>(accuracy.differences.percentile(share)));
  };
  return object_of(accuracy)
      .add("psnr_in_mask", json::number(accuracy.differences.psnr()))
      .add("levels_max", levels(1))
      .add("levels_p999", levels(0.999))
      .add("levels_p99", levels(0.99))
      .add("place_levels_max", json::number(static_cast<std::size_t>(accuracy.place)))
      .add("failure", json::text(accuracy.failure))
      .in_a_line();
}

std::string json_of(const Soak& soak, const BenchReport&) {
  return object_of(soak)
      .add("forwards", json::number(static_cast<std::size_t>(soak.forwards)))
      .add("bytes_before", json::number(soak.before))
      .add("bytes_after", json::number(soak.after))
      .add("grew", json::flag(soak.grew()))
      .add("failure", json::text(soak.failure))
      .in_a_line();
}

template <class T>
void add(json::Object& object, const char* key, const std::vector<T>& results, const BenchReport& report) {
  std::vector<std::string> pieces;
  for (const T& result : results) pieces.push_back("\n    " + json_of(result, report));
  if (!pieces.empty()) object.add(key, json::list(pieces));
}

}  // namespace

bool BenchReport::good() const {
  const auto none_failed = [](const auto& results) {
    return std::all_of(results.begin(), results.end(), [](const auto& each) { return each.failure.empty(); });
  };
  return none_failed(rows) && none_failed(accuracy) && none_failed(soaks) &&
         std::none_of(soaks.begin(), soaks.end(), [](const Soak& soak) { return soak.grew(); }) &&
         std::all_of(memory.begin(), memory.end(), [](const MemoryPeak& peak) { return peak.bytes.has_value(); });
}

std::string to_json(const BenchReport& report) {
  json::Object machine;
  for (const Fact& fact : report.facts) machine.add(fact.key, json::text(fact.value));
  json::Object object;
  std::vector<std::string> engines;
  for (const std::string& engine : report.engines) engines.push_back(json::text(engine));
  object.add("machine", machine.in_a_line()).add("engines", json::list(engines));
  object.add("peak_flops_per_s", json::number(report.peak));
  add(object, "rows", report.rows, report);
  add(object, "memory", report.memory, report);
  add(object, "accuracy", report.accuracy, report);
  add(object, "soak", report.soaks, report);
  return object.in_lines();
}

}  // namespace inpaintd::tools
