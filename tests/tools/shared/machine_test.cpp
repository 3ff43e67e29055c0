// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/machine.h"

#include <doctest/doctest.h>

#include <sstream>

namespace inpaintd::tools {
namespace {

std::string value_of(std::string_view key) {
  std::istringstream cpuinfo(
      "processor\t: 0\ncpu family\t: 26\nmodel\t\t: 2\nmodel name\t: Some CPU: fast\npower management:\n\n"
      "processor\t: 1\nmodel name\t: Another CPU\n");
  return cpuinfo_value(cpuinfo, key);
}

}  // namespace

TEST_CASE("a value of cpuinfo is found by the whole key, for the first core") {
  CHECK(value_of("model name") == "Some CPU: fast");
  CHECK(value_of("model") == "2");
  CHECK(value_of("cpu family") == "26");
}

TEST_CASE("a key of cpuinfo without a value, or a missing one, gives an empty text") {
  CHECK(value_of("power management") == "");
  CHECK(value_of("cpu") == "");
  CHECK(value_of("flags") == "");
}

TEST_CASE("the CPU of this machine has a name") { CHECK_FALSE(cpu_name().empty()); }

}  // namespace inpaintd::tools
