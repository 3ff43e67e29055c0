// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

namespace inpaintd {

TEST_CASE("every key is unique, of the form section.name, and has help that ends like a sentence") {
  std::set<std::string_view> keys;
  for (const Setting& setting : settings()) {
    CAPTURE(setting.key);
    CHECK(keys.insert(setting.key).second);
    CHECK(std::string(setting.section()) + "." + std::string(setting.name()) == setting.key);
    CHECK(setting.name().find('.') == std::string_view::npos);
    CHECK(setting.help.ends_with('.'));
  }
}

TEST_CASE("every default lies within its own range") {
  for (const Setting& setting : settings()) {
    CAPTURE(setting.key);
    Config config;
    std::string text = setting.print(config);
    std::erase_if(text, [](char c) { return c == '"' || c == '[' || c == ']'; });
    CHECK_FALSE(setting.parse(config, text));
    CHECK(config == Config{});
  }
}

TEST_CASE("a misspelt key is refused with the most similar key") {
  CHECK(nearest_key("batch.wait_maks") == "batch.wait_max");
  CHECK(nearest_key("bacth.size_max") == "batch.size_max");
  CHECK(nearest_key("service.size_max") == "batch.size_max");
  CHECK(nearest_key("wait_max") == "batch.wait_max");
  CHECK(nearest_key("Model.Precision") == "model.precision");
}

TEST_CASE("settings that contradict each other are refused") {
  const auto broken = [](const std::vector<std::array<std::string, 2>>& changes) {
    Config config;
    for (const auto& [key, value] : changes) REQUIRE_FALSE(find_setting(key)->parse(config, value));
    return check_together(config).value_or("none");
  };
  CHECK(broken({}) == "none");
  CHECK(broken({{"nats.tls_cert_file", "a.pem"}}).starts_with("nats.tls_cert_file and nats.tls_key_file"));
  CHECK(broken({{"nats.password", "p"}}) == "nats.password needs nats.user");
  CHECK(broken({{"nats.user", "u"}, {"nats.token", "t"}}).starts_with("of nats.user, nats.token"));
  CHECK(broken({{"model.engine", "script"}}).starts_with("model.engine = \"script\""));
  CHECK(broken({{"image.window_sides", "2832"}})
            .starts_with("the square of the largest of image.window_sides is larger"));
  CHECK(broken({{"image.window_sides", "512,2824"}}) == "none");
  CHECK(broken({{"image.window_sides", "4096"}, {"image.whole_pixels_max", "16777216"}}) == "none");
  CHECK(broken({{"batch.size_max", "9"}, {"service.in_flight_max", "8"}}).starts_with("batch.size_max is larger"));
  CHECK(broken({{"batch.size_max", "8"}, {"service.in_flight_max", "8"}}) == "none");
  CHECK(broken({{"batch.size_max", "256"}, {"service.in_flight_max", "0"}}) == "none");  // as many as fit
}

}  // namespace inpaintd
