// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace inpaintd {
namespace {

using namespace std::chrono_literals;

/// A file that holds `text` and goes with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / ("inpaintd_load_test_" + std::to_string(::getpid()) + ".toml")) {
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

using Environment = std::map<std::string, std::string>;

Result<Config> load(const std::string& toml, std::vector<std::string> overrides = {}, Environment environment = {}) {
  const TemporaryFile file(toml);
  return load_config({file.path(), std::move(overrides), [environment](const std::string& name) {
                        const auto found = environment.find(name);
                        return found == environment.end() ? std::nullopt : std::optional(found->second);
                      }});
}

/// The message without the name of the temporary file in front.
std::string message_of(const Result<Config>& result) {
  if (result) return "no error";
  const std::string& message = result.error().message;
  const std::size_t line = message.find(".toml, line ");
  return line == std::string::npos ? message : message.substr(line + 7);
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("an empty file leaves every default") {
  const auto config = load("");
  REQUIRE(config);
  CHECK(*config == Config{});
}

TEST_CASE("the file sets the keys that it names and leaves the other defaults") {
  const auto config = load(R"(
[nats]
url = "nats://10.0.0.1:4222,nats://10.0.0.2:4222"
tls = true
[model]
devices = ["cuda:0", "cuda:1"]
[batch]
size_max = 16
wait_max = "20ms"
[service]
in_flight_bytes_max = "2GiB"
[image]
context = 1
)");
  REQUIRE_MESSAGE(config, config.error().message);
  Config expected;
  expected.nats.url = "nats://10.0.0.1:4222,nats://10.0.0.2:4222";
  expected.nats.tls = true;
  expected.model.devices = {"cuda:0", "cuda:1"};
  expected.batch.size_max = 16;
  expected.batch.wait_max = 20ms;
  expected.service.in_flight_bytes_max = std::size_t{2} << 30;
  expected.image.context = 1.0;
  CHECK(*config == expected);
}

TEST_CASE("the environment overrides the file, and --set overrides both") {
  const std::string toml = "[nats]\nurl = \"nats://file:1\"\nuser = \"file\"\npassword = \"file\"\n";
  const Environment environment{{"NATS_URL", "nats://env:2"}, {"INPAINTD_NATS_PASSWORD", "env"}};
  const auto config =
      load(toml, {"nats.url=nats://set:3", "batch.wait_max=7ms", "model.devices=cuda:0,cuda:1"}, environment);
  REQUIRE_MESSAGE(config, config.error().message);
  CHECK(config->nats.url == "nats://set:3");
  CHECK(config->nats.user == "file");
  CHECK(config->nats.password == "env");
  CHECK(config->batch.wait_max == 7ms);
  CHECK(config->model.devices == std::vector<std::string>{"cuda:0", "cuda:1"});
}

TEST_CASE("an error names the place, the key, the value and the allowed values") {
  CHECK(message_of(load("\n[batch]\nsize_max = 257\n")) ==
        "line 3: batch.size_max = 257: out of range; allowed: 1 to 256");
  CHECK(message_of(load("[batch]\nwait_max = 5\n")) ==
        "line 2: batch.wait_max = 5: not a duration; write a whole number and a unit, such as \"5ms\", \"30s\", "
        "\"2min\", "
        "\"1h\"");
  CHECK(message_of(load("", {"log.level=loud"})) ==
        "--set: log.level = loud: unknown; must be one of trace, debug, info, warn, error, off");
  CHECK(message_of(load("", {}, {{"INPAINTD_NATS_PASSWORD", "secret"}})) ==
        "configuration: nats.password needs nats.user");
}

TEST_CASE("an unknown key is refused with the nearest known key, from every source") {
  CHECK(message_of(load("[batch]\n\nwaitmax = \"5ms\"\n")) ==
        "line 3: unknown setting batch.waitmax; did you mean batch.wait_max?");
  CHECK(message_of(load("", {"batch.sise_max=4"})) ==
        "--set: unknown setting batch.sise_max; did you mean batch.size_max?");
  CHECK(message_of(load("retries_max = 1\n")) ==
        "line 1: unknown setting retries_max; did you mean batch.retries_max?");
}

TEST_CASE("a value that is a table or a date is refused") {
  CHECK(message_of(load("[batch.size_max]\nx = 1\n")).ends_with("batch.size_max: a plain value is expected here"));
  CHECK(message_of(load("[log]\nlevel = 2020-01-01\n")) == "line 2: log.level: a plain value is expected here");
  CHECK(message_of(load("", {"batch.size_max"})).starts_with("--set batch.size_max: write it as key=value"));
  CHECK(message_of(load("[batch\nsize_max = 1\n")).starts_with("the configuration is not valid TOML"));
  const auto absent = load_config({"/does/not/exist.toml", {}, {}});
  REQUIRE_FALSE(absent);
  CHECK(absent.error().message.starts_with("cannot read the configuration file /does/not/exist.toml"));
}

// Found by fuzzing: toml11 3.7 read memory that is not its own when a string was not UTF-8.
TEST_CASE("a file that is not UTF-8 is refused at its line") {
  const std::string refused = "line 2: the file is not UTF-8 here; save it as UTF-8";
  CHECK(message_of(load("nats.user = \"\"\nnats.url = 'nats://u\x8e\x9ar:secreht@ost04222'\nnats.user =")) == refused);
  CHECK(message_of(load("[nats]\nuser = \"J\xf6rg\"\n")) == refused);
  CHECK(message_of(load("[nats]\n# J\xf6rg\n")) == refused);
  CHECK(load("[nats]\nuser = \"J\xc3\xb6rg\"\n")->nats.user == "J\xc3\xb6rg");
}

TEST_CASE("deeply nested brackets are refused before they overflow the stack") {
  const std::string refused = "line 2: more than 32 brackets are open here; close them";
  CHECK(message_of(load("[batch]\nsize_max = " + std::string(100'000, '['))) == refused);
  CHECK(message_of(load("[batch]\nsize_max = " + std::string(33, '[') + std::string(33, ']'))) == refused);
  CHECK(message_of(load("[batch]\nsize_max = " + std::string(32, '[') + "4" + std::string(32, ']'))) == "no error");
}

TEST_CASE("the printed configuration loads back to the same configuration") {
  Config config;
  config.nats.url = "nats://a:1,nats://b:2";
  config.nats.credentials_file = "/etc/\"odd\\ name\".creds";
  config.nats.tls = true;
  config.service.drain_timeout = 1500ms;
  config.service.in_flight_bytes_max = 12'345'678;
  config.model.devices = {"cuda:3", "cpu"};
  config.image.context = 0.1;
  config.nats.retry_first_connect = false;
  const auto again = load(print_config(config));
  REQUIRE_MESSAGE(again, again.error().message);
  CHECK(*again == config);
}

TEST_CASE("secrets are never printed, and the printed text does not load as a secret") {
  Config config;
  config.nats.user = "alice";
  config.nats.password = "hunter2";
  const std::string text = print_config(config);
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(text.find("# password = \"***\"  # set, not shown\n") != std::string::npos);

  Config in_url;
  in_url.nats.url = "nats://alice:hunter2@a:1,nats://t0ken@b:2";
  const std::string printed = print_config(in_url);
  CHECK(printed.find("# url = \"nats://***@b:2\"  # set, not shown\n") != std::string::npos);
  const auto again = load(printed);
  REQUIRE(again);
  CHECK(*again == Config{});
}

TEST_CASE("config/inpaintd.toml equals the output of --print-config without options") {
  CHECK(content(INPAINTD_SOURCE_DIR "/config/inpaintd.toml") == print_config(Config{}));
}

}  // namespace inpaintd
