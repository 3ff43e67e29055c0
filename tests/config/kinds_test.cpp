// SPDX-License-Identifier: Apache-2.0
#include "config/kinds.h"

#include "config/config.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace inpaintd::kinds {
namespace {

using namespace std::chrono_literals;

template <class T, class Kind>
bool accepts(const Kind& kind, const std::string& text, const T& expected) {
  T value{};
  return !kind.parse(text, value) && value == expected;
}

template <class T, class Kind>
std::string complaint(const Kind& kind, const std::string& text) {
  T value{};
  return kind.parse(text, value).value_or("none");
}

}  // namespace

TEST_CASE("a duration is checked at both edges of its range") {
  const Duration kind{10ms, 2s};
  CHECK(accepts(kind, "10ms", std::chrono::milliseconds(10)));
  CHECK(accepts(kind, "2s", std::chrono::milliseconds(2000)));
  CHECK(complaint<std::chrono::milliseconds>(kind, "9ms") == "out of range; allowed: 10ms to 2s");
  CHECK(complaint<std::chrono::milliseconds>(kind, "2001ms") == "out of range; allowed: 10ms to 2s");
}

TEST_CASE("an integer is checked at both edges of its range") {
  const Integer kind{-1, 8};
  CHECK(accepts(kind, "-1", -1));
  CHECK(accepts(kind, "8", 8));
  CHECK(complaint<int>(kind, "-2") == "out of range; allowed: -1 to 8");
  CHECK(complaint<int>(kind, "9") == "out of range; allowed: -1 to 8");
  for (const char* text : {"", "8x", " 8", "1.0", "eight", "99999999999999999999"})
    CHECK(complaint<int>(kind, text) == "not a whole number; allowed: -1 to 8");
}

TEST_CASE("a byte size has a binary unit or none") {
  const ByteSize kind{0, std::int64_t{8} << 30};
  CHECK(accepts(kind, "0", std::int64_t{0}));
  CHECK(accepts(kind, "1000", std::int64_t{1000}));
  CHECK(accepts(kind, "64KiB", std::int64_t{65'536}));
  CHECK(accepts(kind, "8GiB", std::int64_t{8'589'934'592}));
  CHECK(kind.print(std::int64_t{8'589'934'592}) == "\"8GiB\"");
  CHECK(kind.print(1000) == "\"1000\"");
  CHECK(kind.print(0) == "\"0\"");
  CHECK(complaint<std::int64_t>(kind, "9GiB") == "out of range; allowed: 0 to 8GiB");
  CHECK(complaint<std::int64_t>(kind, "8GB").starts_with("not a size"));
  CHECK(complaint<std::int64_t>(kind, "-1").starts_with("not a size"));
}

TEST_CASE("a real number reads integers too, refuses NaN, and always prints as TOML's float") {
  const Real kind{0.0, 8.0};
  CHECK(accepts(kind, "0.5", 0.5));
  CHECK(accepts(kind, "8", 8.0));
  CHECK(complaint<double>(kind, "8.01") == "out of range; allowed: 0.0 to 8.0");
  CHECK(complaint<double>(kind, "nan") == "out of range; allowed: 0.0 to 8.0");
  CHECK(kind.print(2.0) == "2.0");
  CHECK(kind.print(0.1) == "0.1");
}

TEST_CASE("sides are multiples of 8 in ascending order") {
  const Sides kind{64, 4096, 3};
  CHECK(accepts(kind, "256", std::vector{256}));
  CHECK(accepts(kind, "64, 256,4096", std::vector{64, 256, 4096}));
  CHECK(accepts(kind, "", std::vector<int>{}));
  CHECK(kind.print({64, 256}) == "[64, 256]");
  CHECK(kind.print({}) == "[]");
  const std::string range = "; must be 0 to 3 multiples of 8 from 64 to 4096, in ascending order";
  CHECK(complaint<std::vector<int>>(kind, "256,252") == "the side \"252\" is not allowed" + range);
  CHECK(complaint<std::vector<int>>(kind, "56") == "the side \"56\" is not allowed" + range);
  CHECK(complaint<std::vector<int>>(kind, "4104") == "the side \"4104\" is not allowed" + range);
  CHECK(complaint<std::vector<int>>(kind, "large") == "the side \"large\" is not allowed" + range);
  CHECK(complaint<std::vector<int>>(kind, "256,256") == "the side 256 is not larger than the one before it" + range);
  CHECK(complaint<std::vector<int>>(kind, "64,72,80,88") == "4 sides are too many" + range);
}

TEST_CASE("a flag is true or false and nothing else") {
  CHECK(accepts(Flag{}, "true", true));
  CHECK(accepts(Flag{}, "false", false));
  for (const char* text : {"", "yes", "1", "True"}) CHECK(complaint<bool>(Flag{}, text) == "must be true or false");
}

TEST_CASE("an unknown choice is refused with the list of allowed names") {
  CHECK(accepts(Choice<LogFormat>{}, "json", LogFormat::json));
  CHECK(complaint<LogFormat>(Choice<LogFormat>{}, "xml") == "unknown; must be one of text, json");
}

TEST_CASE("a subject prefix has no empty token, no blank and no wildcard") {
  for (const char* text : {"inpaint", "a.b", "A-1_x.y"}) CHECK(accepts(Token{true}, text, std::string(text)));
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a b", "a.*", ">", "ä"}) {
    CAPTURE(text);
    CHECK(complaint<std::string>(Token{true}, text).starts_with("must be made of"));
  }
  CHECK(complaint<std::string>(Token{false}, "a.b").starts_with("must be made of"));
  CHECK(accepts(Token{true, true}, "", std::string()));
}

TEST_CASE("an address is an IP address and a port, or nothing") {
  for (const char* text : {"127.0.0.1:9464", "0.0.0.0:0", "[::1]:65535", ""})
    CHECK(accepts(Address{}, text, std::string(text)));
  for (const char* text : {"9464", ":9464", "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80",
                           "[127.0.0.1]:80", "127.0.0.1:80s", "127.0.0.1:80,127.0.0.1:81"}) {
    CAPTURE(text);
    CHECK(complaint<std::string>(Address{}, text).starts_with("must be an IP address and a port"));
  }
}

TEST_CASE("devices are auto alone, or cpu and all GPUs or some, each once") {
  using List = std::vector<std::string>;
  CHECK(accepts(Devices{}, "auto", List{"auto"}));
  CHECK(accepts(Devices{}, "cuda:0, cuda:1", List{"cuda:0", "cuda:1"}));
  CHECK(accepts(Devices{}, "cpu", List{"cpu"}));
  CHECK(accepts(Devices{}, "cuda, cpu", List{"cuda", "cpu"}));
  CHECK(complaint<List>(Devices{}, "cuda,cuda:1") == "\"cuda:1\" is one of \"cuda\", which means every GPU");
  CHECK(complaint<List>(Devices{}, "auto,cpu") == "\"auto\" must stand alone");
  CHECK(complaint<List>(Devices{}, "cpu,cpu") == "\"cpu\" is listed twice");
  for (const char* text : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cpu,"}) {
    CAPTURE(text);
    CHECK(complaint<List>(Devices{}, text).starts_with("unknown device"));
  }
  CHECK(Devices{}.print({"cuda:0", "cuda:1"}) == R"(["cuda:0", "cuda:1"])");
}

TEST_CASE("a quoted string escapes quotes, backslashes and control characters") {
  CHECK(toml_string("a\"b\\c\n\x7f") == R"("a\"b\\c\u000A\u007F")");
}

}  // namespace inpaintd::kinds
