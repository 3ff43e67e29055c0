// SPDX-License-Identifier: Apache-2.0
#include "tests/models/fused/recorded_operations.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

namespace inpaintd {
namespace {

class RecordedOperations final : public DeviceOperations {
 public:
  explicit RecordedOperations(DeviceLog& log) : log_(log) {}

  void within(const Work& work) override {
    log_.note("enter");
    work();
    log_.note("leave");
  }
  void synchronize() override { log_.note("synchronize"); }
  bool still_works() noexcept override {
    log_.calls.emplace_back("still works?");
    return log_.works;
  }
  void begin_capture() override { log_.note("begin"); }
  Work end_capture(const Work& captured) override {
    log_.note("end");
    log_.memory.held += log_.bytes_per_capture;
    return [this, captured] {
      log_.note("replay");
      captured();
    };
  }
  bool abandon_capture() noexcept override {
    log_.calls.emplace_back("abandon");
    return log_.ends_captures;
  }
  void free_unused() override { log_.note("free unused"); }
  Memory memory() const override { return log_.memory; }
  at::Tensor host_bytes(std::int64_t count) const override {
    log_.note("host bytes " + std::to_string(count));
    return at::empty({count}, at::kByte);
  }

 private:
  DeviceLog& log_;
};

}  // namespace

void DeviceLog::note(const std::string& call) {
  calls.push_back(call);
  if (call == fails_at) throw std::runtime_error(error);
}

std::size_t DeviceLog::count(const std::string& call) const {
  return static_cast<std::size_t>(std::count(calls.begin(), calls.end(), call));
}

std::unique_ptr<DeviceOperations> recorded_operations(DeviceLog& log) {
  return std::make_unique<RecordedOperations>(log);
}

}  // namespace inpaintd
