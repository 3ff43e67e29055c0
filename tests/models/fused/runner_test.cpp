// SPDX-License-Identifier: Apache-2.0
#include "models/fused/runner.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "models/torch/failure.h"
#include "tests/models/fused/recorded_operations.h"

namespace inpaintd {
namespace {

using Calls = std::vector<std::string>;

/// Work that logs its steps and its destruction among the calls of the device.
class NotedWork final : public ShapeWork {
 public:
  explicit NotedWork(DeviceLog& log) : log_(log) { log_.note("make"); }
  ~NotedWork() override { log_.calls.emplace_back("free"); }
  void upload() override { log_.note("upload"); }
  void compute() override { log_.note("compute"); }
  void download() override { log_.note("download"); }

 private:
  DeviceLog& log_;
};

struct Fixture {
  DeviceLog log;
  std::vector<std::string> warnings;
  std::shared_ptr<DeviceShare> share = std::make_shared<DeviceShare>();
  Runner runner{recorded_operations(log), share, [this](const std::string& text) { warnings.push_back(text); }};

  bool run(const Shape& shape) {
    return runner.run(shape, [this] { return std::make_unique<NotedWork>(log); });
  }
  /// Runs a shape until it is recorded.
  void record(const Shape& shape) {
    for (int i = 0; i <= Runner::plain_runs; ++i) run(shape);
  }
  bool is_recorded(const Shape& shape) {
    log.calls.clear();
    run(shape);
    return log.count("replay") == 1 && log.count("begin") == 0;
  }
};

const Shape shape{{64, 64}, 2};
/// Shapes of decreasing size, so that each is expected to need no more memory than the one before.
Shape other(int number) { return {{64, 8 * (400 - number)}, 1}; }

const Calls plain{"enter", "make", "upload", "compute", "download", "leave", "synchronize", "free"};
const Calls capture{"enter", "make", "synchronize", "begin", "compute", "end", "leave", "synchronize"};
const Calls replay{"enter", "upload", "replay", "compute", "download", "leave", "synchronize"};

Calls operator+(Calls a, const Calls& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a shape runs plain twice, is recorded at its third run, and is replayed from then on") {
  CHECK(run(shape));  // the first: it prepares
  CHECK(log.take() == plain);
  CHECK_FALSE(run(shape));
  CHECK(log.take() == plain);
  CHECK(run(shape));
  CHECK(log.take() == capture + replay);
  CHECK_FALSE(run(shape));
  CHECK(log.take() == replay);
}

TEST_CASE_FIXTURE(Fixture, "shapes differ by size and by count") {
  record(shape);
  CHECK(is_recorded(shape));
  CHECK_FALSE(is_recorded({shape.size, 3}));
  CHECK_FALSE(is_recorded({{64, 72}, shape.count}));
}

TEST_CASE_FIXTURE(Fixture, "all work happens on the stream, and is complete when the call returns") {
  runner.prepare([this] { log.note("load"); });
  CHECK(log.take() == Calls{"enter", "load", "leave", "synchronize"});
  runner.run([this] { log.note("once"); });
  CHECK(log.take() == Calls{"enter", "once", "leave", "synchronize"});
}

TEST_CASE_FIXTURE(Fixture, "nothing is recorded on a device whose memory is unknown, such as a CPU") {
  DeviceLog cpu;
  cpu.memory = {};
  Runner plain_runner(recorded_operations(cpu), share);
  for (int i = 0; i < 5; ++i) plain_runner.run(shape, [&cpu] { return std::make_unique<NotedWork>(cpu); });
  CHECK(cpu.count("begin") == 0);
  CHECK(cpu.count("compute") == 5);
}

TEST_CASE_FIXTURE(Fixture,
                  "a failed run is waited for before its memory is freed, and its exception is thrown unchanged") {
  log.fails_at = "compute";
  log.error = "no algorithm";
  CHECK_THROWS_WITH(run(shape), "no algorithm");
  CHECK(log.take() == Calls{"enter", "make", "upload", "compute", "still works?", "free"});
  log.fails_at.clear();
  CHECK(run(shape));  // still the first
}

TEST_CASE_FIXTURE(Fixture, "a failure after which the device does not work is reported as a lost device") {
  log.fails_at = "upload";
  log.error = "CUDNN_STATUS_INTERNAL_ERROR";
  log.works = false;
  try {
    run(shape);
    FAIL("nothing was thrown");
  } catch (...) {
    const EngineFailure failure = current_failure();
    CHECK(failure.kind == EngineFailure::Kind::device_lost);
    CHECK(failure.message == "CUDNN_STATUS_INTERNAL_ERROR");
  }
}

TEST_CASE("a failure inside a recording ends it, keeps the cause, and the shape runs plain") {
  for (const char* step : {"make", "begin", "compute", "end"}) {
    CAPTURE(step);
    Fixture f;
    f.run(shape), f.run(shape);
    f.log.take();
    f.runner.run(shape, [&f, step, made = 0]() mutable {
      f.log.fails_at = made++ == 0 ? step : "";  // the recording's work fails, the plain one's does not
      f.log.error = "the cause";
      return std::make_unique<NotedWork>(f.log);
    });
    CHECK(f.log.count("abandon") == 1);
    REQUIRE(f.warnings.size() == 1);
    CHECK(f.warnings[0] == "batches of 2 x 64x64 run without a CUDA graph: the cause");
    CHECK(f.runner.recorded_bytes() == 0);
    CHECK(Calls(f.log.calls.end() - 8, f.log.calls.end()) == plain);
    CHECK_FALSE(f.is_recorded(shape));
    CHECK(f.log.count("begin") == 0);  // no second attempt
    f.record(other(1));
    CHECK(f.is_recorded(other(1)));
  }
}

TEST_CASE_FIXTURE(Fixture, "after a capture that cannot be ended, no engine of that GPU records any more") {
  record(other(1));
  run(shape), run(shape);
  log.ends_captures = false;
  log.fails_at = "end";
  log.error = "the cause";
  run(shape);
  log.fails_at.clear();
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("nothing more is recorded on this GPU until the process ends: the cause") !=
        std::string::npos);
  DeviceLog sibling_log;
  Runner sibling(recorded_operations(sibling_log), share);
  for (int i = 0; i < 5; ++i) sibling.run(shape, [&] { return std::make_unique<NotedWork>(sibling_log); });
  CHECK(sibling_log.count("begin") == 0);
  CHECK(is_recorded(other(1)));  // existing recordings are still used
}

TEST_CASE_FIXTURE(Fixture, "a device that is lost during a recording gets no further work") {
  run(shape), run(shape);
  log.take();
  log.fails_at = "end";
  log.error = "CUDA error: an illegal memory access was encountered";
  log.works = false;
  CHECK_THROWS_AS(run(shape), DeviceLost);
  CHECK(log.count("upload") == 0);
  CHECK(warnings.empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "recordings take an eighth of the device's memory, and no other takes the place of one in use") {
  for (int i = 0; i < 10; ++i) record(other(i));  // of 100 bytes each, of 1000
  CHECK(runner.recorded_bytes() == 1000);
  record(other(10));
  CHECK_FALSE(is_recorded(other(10)));
  CHECK(is_recorded(other(0)));
}

TEST_CASE_FIXTURE(Fixture,
                  "the least recently used recording is dropped for a new one, and made again when its shape returns") {
  for (int i = 0; i < 10; ++i) record(other(i));
  for (std::uint64_t i = 0; i <= Runner::idle_runs; ++i) run(other(1 + static_cast<int>(i % 9)));
  log.take();
  record(other(10));
  CHECK(log.count("free unused") == 1);
  CHECK(is_recorded(other(10)));
  CHECK(is_recorded(other(9)));
  CHECK(runner.recorded_bytes() == 1000);
  CHECK_FALSE(is_recorded(other(0)));  // the least recently used one
  for (std::uint64_t i = 0; i <= Runner::idle_runs; ++i) run(other(2));
  CHECK(run(other(0)));  // recorded again
  CHECK(is_recorded(other(0)));
}

TEST_CASE_FIXTURE(Fixture, "a recording that alone is too large is dropped, and not made again") {
  log.bytes_per_capture = 1001;
  record(shape);
  CHECK(runner.recorded_bytes() == 0);
  CHECK(log.count("begin") == 1);
  CHECK_FALSE(is_recorded(shape));
  CHECK(log.count("begin") == 0);
}

TEST_CASE_FIXTURE(Fixture, "the number of remembered shapes is bounded, and a forgotten shape loses its recording") {
  record(other(0));
  for (std::size_t i = 1; i <= Runner::shapes_remembered; ++i) run(other(static_cast<int>(i)));
  CHECK(runner.recorded_bytes() == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "releasing memory drops the half of the recordings that was used least lately, then the cache") {
  for (int i = 0; i < 4; ++i) record(other(i));
  run(other(0));
  log.take();
  runner.release_memory();
  CHECK(log.take() == Calls{"enter", "free", "leave", "enter", "free", "leave", "free unused"});
  CHECK(runner.recorded_bytes() == 200);
  CHECK(is_recorded(other(0)));
  CHECK(is_recorded(other(3)));
  CHECK(run(other(1)));  // recorded again
}

TEST_CASE_FIXTURE(Fixture, "memory that cannot be released is not a failure") {
  log.fails_at = "free unused";
  log.error = "a capture is under way";
  runner.release_memory();
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] == "unused memory stays with LibTorch: a capture is under way");
}

TEST_CASE_FIXTURE(Fixture, "cached memory is freed before a recording only if the free memory may not suffice") {
  log.memory = {.total = 8000, .free = 299, .held = 600, .unused = 300};
  record(shape);
  CHECK(log.count("free unused") == 1);
  log.calls.clear();
  log.memory.free = 300;
  record(other(1));
  CHECK(log.count("free unused") == 0);
}

TEST_CASE("recordings are freed on the device at the end of the engine") {
  DeviceLog log;
  {
    Runner runner(recorded_operations(log), std::make_shared<DeviceShare>());
    for (int i = 0; i < 3; ++i) runner.run(shape, [&log] { return std::make_unique<NotedWork>(log); });
    log.take();
  }
  CHECK(log.take() == Calls{"enter", "free", "leave"});
}

TEST_CASE("engines of a GPU run together, but a recording, a load and a release of memory are alone there") {
  const auto share = std::make_shared<DeviceShare>();
  std::atomic<int> running = 0;
  std::atomic<int> disturbed = 0;
  const auto runs = [&] {
    ++running;
    std::this_thread::yield();
    --running;
  };
  const auto exclusive = [&] {
    if (running != 0) ++disturbed;
    std::this_thread::yield();
    if (running != 0) ++disturbed;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&, i] {
      for (int turn = 0; turn < 300; ++turn) {
        share->together(runs);
        if (turn % 3 == i) turn % 2 == 0 ? share->alone(exclusive) : share->alone_in_process(exclusive);
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(disturbed == 0);

  // Together: the second one starts while the first one still runs.
  std::atomic<int> inside = 0;
  const auto meet = [&] {
    ++inside;
    while (inside < 2) std::this_thread::yield();
  };
  std::thread first([&] { share->together(meet); });
  share->together(meet);
  first.join();
  CHECK(inside == 2);
}

TEST_CASE("work that must be alone in the process is alone on every GPU, and ordinary runs are not") {
  DeviceShare one, another;
  std::atomic<int> inside = 0, most = 0;
  const auto work = [&] {
    most = std::max<int>(most, ++inside);
    std::this_thread::yield();
    --inside;
  };
  std::thread thread([&] {
    for (int i = 0; i < 500; ++i) one.alone_in_process(work);
  });
  for (int i = 0; i < 500; ++i) another.alone_in_process(work);
  thread.join();
  CHECK(most == 1);
}

TEST_CASE("all engines of a CUDA device share one lock, and each engine of a CPU has its own") {
  const c10::Device first(c10::kCUDA, 0), second(c10::kCUDA, 1), cpu(c10::kCPU);
  CHECK(share_of(first) == share_of(first));
  CHECK(share_of(first) != share_of(second));
  CHECK(share_of(cpu) != share_of(cpu));
}

}  // namespace inpaintd
