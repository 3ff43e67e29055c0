// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "core/units.h"
#include "tools/lama_bench/report.h"
#include "tools/lama_bench/work.h"

namespace inpaintd::tools {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

using Cells = std::vector<std::string>;

std::vector<Table::Column> columns(std::vector<Table::Column> more) {
  std::vector<Table::Column> all{{"engine", 13, true}, {"precision", 0, true}, {"size", 9}, {"batch"}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// The first cells of every table, and `more`.
template <class T>
Cells cells(const T& of, const Cells& more) {
  Cells all{of.engine, of.precision, size_text(of.size), std::to_string(of.batch)};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::string megabytes(std::size_t bytes) { return decimal(static_cast<double>(bytes) / 1e6, 0); }

std::string percent(double part, double whole) { return whole > 0 ? decimal(100 * part / whole, 0) + " %" : "-"; }

}  // namespace

Table rows_table() {
  return Table(
      columns({{"images/s", 9}, {"s/image", 9}, {"GFLOP/s", 7}, {"of peak", 7}, {"ratio", 6}, {"note", 0, true}}));
}

std::string line_of(const Row& row, const BenchReport& report) {
  const double rate = row.images_per_s();
  const double nominal = row.engine == "null" ? 0 : report.flops(row.size);
  const double flops = nominal > 0 ? rate * nominal : nothing;
  return rows_table().row(
      cells(row, {decimal(rate, 3), decimal(1 / rate, 4), decimal(flops * 1e-9, 0),
                  std::isnan(flops) ? "-" : percent(flops, report.peak), decimal(row.ratio, 2), row.failure}));
}

Table memory_table() { return Table(columns({{"peak MB", 8}})); }

std::string line_of(const MemoryPeak& peak) {
  return memory_table().row(cells(peak, {peak.bytes ? megabytes(*peak.bytes) : "failed"}));
}

Table accuracy_table() {
  return Table(columns({{"PSNR", 8}, {"max", 4}, {"p99.9", 5}, {"p99", 4}, {"place", 5}, {"verdict", 7, true}}));
}

std::string line_of(const Accuracy& a) {
  const auto levels = [&](double share) { return std::to_string(a.differences.percentile(share)); };
  return accuracy_table().row(cells(
      a, {std::isnan(a.differences.psnr()) ? "-" : decimal(a.differences.psnr(), 1) + " dB", levels(1), levels(0.999),
          levels(0.99), std::to_string(a.place), a.failure.empty() ? "pass" : "FAIL: " + a.failure}));
}

Table soak_table() {
  return Table(columns({{"forwards", 8}, {"MB before", 9}, {"MB after", 8}, {"verdict", 7, true}}));
}

std::string line_of(const Soak& s) {
  const std::string verdict = !s.failure.empty() ? "FAIL: " + s.failure : s.grew() ? "FAIL: memory grew" : "no growth";
  const auto mb = [](std::size_t bytes) { return decimal(static_cast<double>(bytes) / 1e6, 1); };
  return soak_table().row(cells(s, {std::to_string(s.forwards), mb(s.before), mb(s.after), verdict}));
}

std::string profile_text(const Row& row, double peak) {
  const Table table(
      {{"class of layer", 20, true}, {"ms", 8}, {"GFLOP", 7}, {"floor ms", 8}, {"GFLOP/s", 7}, {"of peak", 7}});
  std::string text = fmt::format("\n{} {}, {}, batch {}, one forward pass:\n\n{}", row.engine, row.precision,
                                 size_text(row.size), row.batch, table.head());
  const auto runs = static_cast<double>(row.seconds.size());
  const auto line = [&](const LayerCost& c) {
    const bool work = c.flops > 0;
    const double rate = work ? c.flops / c.seconds : nothing;
    text += table.row({c.name, decimal(c.seconds / runs * 1e3, 1), decimal(work ? c.flops / runs * 1e-9 : nothing, 1),
                       decimal(work && peak > 0 ? c.flops / runs / peak * 1e3 : nothing, 1), decimal(rate * 1e-9, 0),
                       work ? percent(rate, peak) : "-"});
  };
  LayerCost sum{.name = "sum"};
  for (const LayerCost& cost : row.costs) {
    line(cost);
    sum.seconds += cost.seconds;
    sum.flops += cost.flops;
  }
  line(sum);
  return text;
}

}  // namespace inpaintd::tools
