// SPDX-License-Identifier: Apache-2.0
#include "models/null/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <random>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "core/units.h"
#include "models/null/pace.h"

namespace inpaintd {
namespace {

using namespace std::chrono_literals;
using Kind = Fault::Kind;

constexpr std::array<std::string_view, 9> kind_names{"poison", "nan",  "fail", "count", "crash",
                                                     "lost",   "hang", "hold", "oom"};

std::optional<Kind> kind_from(std::string_view name) {
  for (std::size_t i = 0; i < kind_names.size(); ++i)
    if (kind_names[i] == name) return static_cast<Kind>(i);
  return std::nullopt;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto value = parse_number<Number>(text);
  if (value) number = *value;
  return value.has_value();
}

// Removes the part of `text` up to the first `mark`, and returns it without the mark.
std::string_view take_until(std::string_view& text, char mark) {
  const auto at = std::min(text.find(mark), text.size());
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return part;
}

bool read_when(std::string_view when, Fault& fault) {
  const bool of_pictures = fault.kind == Kind::poison || fault.kind == Kind::nan;
  if (fault.kind == Kind::oom) return when.starts_with('>') && read_number(when.substr(1), fault.above);
  if (when.starts_with('@')) return !of_pictures && read_number(when.substr(1), fault.call) && fault.call > 0;
  return read_number(when, fault.share) && fault.share >= 0 && fault.share <= 1;
}

bool read_entry(std::string_view entry, Faults& faults) {
  const std::string_view name = take_until(entry, ':');
  const std::string_view when = take_until(entry, ':');
  if (name == "seed") return entry.empty() && read_number(when, faults.seed);
  const auto kind = kind_from(name);
  if (!kind) return false;
  Fault fault{*kind};
  if (!read_when(when, fault)) return false;
  if (fault.kind == Kind::hold) {
    if (entry.empty()) return false;
    fault.file = entry;
  } else if (!entry.empty()) {
    const auto time = parse_time(entry);
    if (!time || fault.kind != Kind::hang) return false;
    fault.time = std::chrono::duration_cast<std::chrono::milliseconds>(*time);
  }
  faults.list.push_back(fault);
  return true;
}

// FNV-1a over the pixels, so that each picture has its own random decision.
std::uint64_t fingerprint(const Pixels& image, std::uint64_t seed) {
  std::uint64_t hash = 14695981039346656037ULL ^ seed;
  for (const std::uint8_t byte : image.bytes) hash = (hash ^ byte) * 1099511628211ULL;
  return hash;
}

// Whether this is the grey picture of the device's self-test, for which no picture fault occurs.
bool is_grey(const Pixels& image) {
  return std::all_of(image.bytes.begin(), image.bytes.end(), [](std::uint8_t byte) { return byte == 128; });
}

class FaultyInpainter final : public Inpainter {
 public:
  FaultyInpainter(std::unique_ptr<Inpainter> engine, Faults faults)
      : engine_(std::move(engine)), faults_(std::move(faults)), random_(faults_.seed) {}

  Result<std::vector<Pixels>, EngineFailure> run(std::span<const NetworkInput> batch) override {
    ++calls_;
    bool one_short = false;
    std::error_code ignored;  // a file that cannot be seen holds no run
    for (const Fault& fault : faults_.list) {
      const auto culprit = strikes(fault, batch);
      if (!culprit) continue;
      switch (fault.kind) {
        case Kind::poison:
          return EngineFailure{EngineFailure::Kind::failed, "input " + *culprit + " of the batch is poison"};
        case Kind::nan:
          return EngineFailure{EngineFailure::Kind::not_finite,
                               fmt::format("the prediction of input {} of the batch holds NaN or Inf", *culprit)};
        case Kind::fail:
          return EngineFailure{EngineFailure::Kind::failed, "this run was made to fail"};
        case Kind::lost:
          return EngineFailure{EngineFailure::Kind::device_lost, "the device was made to be lost"};
        case Kind::oom:
          return EngineFailure{EngineFailure::Kind::out_of_memory,
                               "more than " + std::to_string(fault.above) + " pictures were made not to fit"};
        case Kind::crash:
          throw std::runtime_error("the engine was made to crash");
        case Kind::hang:
          std::this_thread::sleep_for(fault.time);
          break;
        case Kind::hold:
          while (std::filesystem::exists(fault.file, ignored)) std::this_thread::sleep_for(5ms);
          break;
        case Kind::count:
          one_short = true;
      }
    }
    auto answers = engine_->run(batch);
    if (answers && one_short && !answers->empty()) answers->pop_back();
    return answers;
  }

  [[nodiscard]] bool last_run_prepared() const override { return engine_->last_run_prepared(); }
  void release_memory() override { engine_->release_memory(); }
  [[nodiscard]] std::uint64_t retries() const override { return engine_->retries(); }
  [[nodiscard]] std::string describe() const override { return engine_->describe() + ", with faults"; }
  [[nodiscard]] std::string model_name() const override { return engine_->model_name(); }
  [[nodiscard]] std::string device_name() const override { return engine_->device_name(); }
  [[nodiscard]] std::string precision() const override { return engine_->precision(); }
  [[nodiscard]] std::string way() const override { return engine_->way(); }

 private:
  // Decides whether the fault occurs in this run. Returns the number of the faulty input as text, an empty text if the
  // fault concerns the whole run, or nothing if it does not occur.
  std::optional<std::string> strikes(const Fault& fault, std::span<const NetworkInput> batch) {
    if (fault.kind == Kind::poison || fault.kind == Kind::nan) return bad_picture(fault, batch);
    bool struck = fault.call == calls_;
    if (fault.kind == Kind::oom) struck = batch.size() > fault.above;
    if (fault.share > 0) struck = uniform_(random_) < fault.share;
    return struck ? std::optional<std::string>("") : std::nullopt;
  }

  std::optional<std::string> bad_picture(const Fault& fault, std::span<const NetworkInput> batch) const {
    const std::uint64_t seed = faults_.seed + static_cast<std::uint64_t>(fault.kind);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (is_grey(*batch[i].image)) continue;
      std::mt19937_64 random(fingerprint(*batch[i].image, seed));
      if (std::uniform_real_distribution<double>()(random) < fault.share) return std::to_string(i);
    }
    return std::nullopt;
  }

  const std::unique_ptr<Inpainter> engine_;
  const Faults faults_;
  std::mt19937_64 random_;
  std::uniform_real_distribution<double> uniform_;
  std::uint64_t calls_ = 0;
};

}  // namespace

Result<Faults, EngineFailure> parse_faults(const std::string& text) {
  Faults faults;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view entry = take_until(rest, ',');
    if (!read_entry(entry, faults))
      return EngineFailure{
          EngineFailure::Kind::failed,
          "model.null_faults: \"" + std::string(entry) +
              "\" is none of poison:SHARE, nan:SHARE, fail|count|crash|lost:SHARE or :@RUN, "
              "hang:SHARE or :@RUN and then :TIME, hold:SHARE or :@RUN and then :FILE, oom:>PICTURES, seed:NUMBER"};
  }
  return faults;
}

std::unique_ptr<Inpainter> with_faults(std::unique_ptr<Inpainter> engine, Faults faults) {
  if (faults.list.empty()) return engine;
  return std::make_unique<FaultyInpainter>(std::move(engine), std::move(faults));
}

}  // namespace inpaintd
