// SPDX-License-Identifier: Apache-2.0
#include "tools/lama_bench/report.h"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tools/lama_bench/work.h"

namespace inpaintd::tools {
namespace {

Row example_row() {
  Row row{.engine = "native", .precision = "fp32", .model = "default", .device = "cpu", .size = {512, 512}, .batch = 2};
  row.seconds = {1.0, 0.5, 2.0};
  row.ratio = 3.25;
  return row;
}

}  // namespace

TEST_CASE("a table is Markdown, with numbers aligned to the right") {
  const Table table({{"name", 6, true}, {"ms"}});
  CHECK(table.head() == "| name   | ms |\n|--------|---:|\n");
  CHECK(table.row({"a", "1"}) == "| a      |  1 |\n");
  CHECK(table.row({"far too long", "123"}) == "| far too long | 123 |\n");
  CHECK(decimal(1.25, 1) == "1.2");
  CHECK(decimal(std::numeric_limits<double>::quiet_NaN(), 1) == "-");
  CHECK(decimal(std::numeric_limits<double>::infinity(), 1) == "inf");
}

TEST_CASE("a row shows the median, the nominal rate of the network and its share of the peak of the machine") {
  BenchReport report;
  report.peak = 1760e9;
  report.flops = [](Size size) { return nominal_flops(LamaShape{64, 18, 128, 384}, size); };
  CHECK(line_of(example_row(), report) ==
        "| native        | fp32      |   512x512 |     2 |     2.000 |    0.5000 |     880 |    50 % |   3.25 |      "
        "|\n");
}

TEST_CASE("a row that failed shows the reason and no numbers") {
  Row row = example_row();
  row.seconds.clear();
  row.ratio = std::numeric_limits<double>::quiet_NaN();
  row.failure = "out of memory";
  CHECK(line_of(row, {}) ==
        "| native        | fp32      |   512x512 |     2 |         - |         - |       - |       - |      - | out of "
        "memory |\n");
}

TEST_CASE("a profile shows one forward pass, each class beside its minimum at the peak rate") {
  Row row = example_row();
  row.costs = {{"products", 3.0, 300e9}, {"FFT", 1.5, 0}};
  const std::string text = profile_text(row, 200e9);
  CHECK(text.find("| products             |   1000.0 |   100.0 |    500.0 |     100 |    50 % |") != std::string::npos);
  CHECK(text.find("| FFT                  |    500.0 |       - |        - |       - |       - |") != std::string::npos);
  CHECK(text.find("| sum                  |   1500.0 |   100.0 |    500.0 |      67 |    33 % |") != std::string::npos);
}

TEST_CASE("a report is good when all measurements succeeded, all gates passed and no memory grew") {
  BenchReport report;
  report.rows = {example_row()};
  report.memory.push_back({"native", "fp32", {512, 512}, 1, std::size_t{1} << 30});
  report.accuracy.push_back({.engine = "native"});
  report.soaks.push_back({.engine = "native", .before = 100, .after = 100});
  CHECK(report.good());
  BenchReport bad = report;
  bad.rows[0].failure = "out of memory";
  CHECK_FALSE(bad.good());
  bad = report;
  bad.memory[0].bytes.reset();
  CHECK_FALSE(bad.good());
  bad = report;
  bad.accuracy[0].failure = "misses its gate";
  CHECK_FALSE(bad.good());
  bad = report;
  bad.soaks[0].after = std::size_t{1} << 30;
  CHECK_FALSE(bad.good());
}

TEST_CASE("JSON has every kind of result, and null for a value that is not a finite number") {
  BenchReport report;
  report.facts = {{"cpu", "a \"CPU\""}};
  report.engines = {"native: LaMa"};
  report.rows = {example_row()};
  report.rows[0].costs = {{"FFT", 1.5, 0}};
  report.memory.push_back({"native", "fp32", {512, 512}, 1, std::nullopt});
  report.accuracy.push_back({.engine = "native", .precision = "fp32", .size = {16, 24}, .batch = 1});
  report.soaks.push_back({.engine = "native", .forwards = 5, .before = 7, .after = 8});
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK(json["machine"]["cpu"] == "a \"CPU\"");
  CHECK(json["engines"] == std::vector<std::string>{"native: LaMa"});
  CHECK(json["rows"][0]["seconds"] == std::vector<double>{1, 0.5, 2});
  CHECK(json["rows"][0]["images_per_s"] == 2);
  CHECK(json["rows"][0]["profile"][0]["layers"] == "FFT");
  CHECK(json["memory"][0]["peak_bytes"].is_null());
  CHECK(json["accuracy"][0]["width"] == 16);
  CHECK(json["accuracy"][0]["height"] == 24);
  CHECK(json["accuracy"][0]["psnr_in_mask"].is_null());
  CHECK(json["soak"][0]["bytes_after"] == 8);
}

}  // namespace inpaintd::tools
