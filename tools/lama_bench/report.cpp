// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/report.h"

#include <algorithm>

#include "tools/lama_bench/work.h"
#include "tools/shared/json_text.h"

namespace inpaintd::tools {
namespace {

using Json = nlohmann::ordered_json;

/// The first members of every kind of result.
template <class T>
Json object_of(const T& result) {
  return {{"engine", result.engine},
          {"precision", result.precision},
          {"width", result.size.width},
          {"height", result.size.height},
          {"batch", result.batch}};
}

Json json_of(const Row& row, const BenchReport& report) {
  Json object = object_of(row);
  object["model"] = row.model;
  object["device"] = row.device;
  object["threads"] = report.threads;
  object["images_per_s"] = row.images_per_s();
  object["seconds_per_image"] = 1 / row.images_per_s();
  object["ratio"] = row.ratio;
  if (const double flops = report.flops(row.size); flops > 0)
    object["nominal_flops_per_s"] = row.images_per_s() * flops;
  object["seconds"] = row.seconds;
  for (const LayerCost& cost : row.costs)
    object["profile"].push_back({{"layers", cost.name}, {"seconds", cost.seconds}, {"flops", cost.flops}});
  object["failure"] = row.failure;
  return object;
}

Json json_of(const MemoryPeak& peak, const BenchReport&) {
  Json object = object_of(peak);
  object["peak_bytes"] = peak.bytes ? Json(*peak.bytes) : Json();
  return object;
}

Json json_of(const Accuracy& accuracy, const BenchReport&) {
  Json object = object_of(accuracy);
  object["psnr_in_mask"] = accuracy.differences.psnr();
  object["levels_max"] = accuracy.differences.percentile(1);
  object["levels_p999"] = accuracy.differences.percentile(0.999);
  object["levels_p99"] = accuracy.differences.percentile(0.99);
  object["place_levels_max"] = accuracy.place;
  object["failure"] = accuracy.failure;
  return object;
}

Json json_of(const Soak& soak, const BenchReport&) {
  Json object = object_of(soak);
  object["forwards"] = soak.forwards;
  object["bytes_before"] = soak.before;
  object["bytes_after"] = soak.after;
  object["grew"] = soak.grew();
  object["failure"] = soak.failure;
  return object;
}

/// Adds one kind of results; a kind that was not measured has no member.
template <class T>
void add(Json& object, const char* key, const std::vector<T>& results, const BenchReport& report) {
  for (const T& result : results) object[key].push_back(json_of(result, report));
}

}  // namespace

bool BenchReport::good() const {
  const auto none_failed = [](const auto& results) {
    return std::ranges::all_of(results, [](const auto& each) { return each.failure.empty(); });
  };
  return none_failed(rows) && none_failed(accuracy) && none_failed(soaks) &&
         std::ranges::none_of(soaks, [](const Soak& soak) { return soak.grew(); }) &&
         std::ranges::all_of(memory, [](const MemoryPeak& peak) { return peak.bytes.has_value(); });
}

std::string to_json(const BenchReport& report) {
  Json machine = Json::object();
  for (const Fact& fact : report.facts) machine[fact.key] = fact.value;
  Json object{{"machine", machine}, {"engines", report.engines}, {"peak_flops_per_s", report.peak}};
  add(object, "rows", report.rows, report);
  add(object, "memory", report.memory, report);
  add(object, "accuracy", report.accuracy, report);
  add(object, "soak", report.soaks, report);
  return json_text(object);
}

}  // namespace inpaintd::tools
