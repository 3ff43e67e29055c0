// SPDX-License-Identifier: Apache-2.0
// What the batcher costs: CPU time of one arrival and of one batch's end, with so many tiles waiting, devices and
// sizes. Not a test: a program that prints a table. bench-batcher [WAITING LANES SIZES]
#define DOCTEST_CONFIG_DISABLE
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/batcher.h"
#include "monitoring/queue_board.h"
#include "scheduling/admission.h"
#include "tests/actors/fixture.h"

using namespace inpaintd;
using namespace inpaintd::test;

namespace {

constexpr int events = 512;  // of each kind, in each row
constexpr Microseconds batch_time{11'000};

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Without pixels: nobody looks at them here, and to make them would push the batcher out of the caches.
std::shared_ptr<const Pixels> picture(Size size) {
  auto picture = std::make_shared<Pixels>();
  picture->width = size.width;
  picture->height = size.height;
  return picture;
}

std::vector<Measurement> warm_up_times() {
  std::vector<Measurement> known;
  for (const int count : {1, 2, 4, 8})
    for (int again = 0; again < 3; ++again)
      known.push_back({{64, 64}, static_cast<std::size_t>(count), Microseconds(3000 + 1000 * count)});
  return known;
}

/// A batcher with busy devices, two replicas on each GPU, and a queue that is kept at its depth.
class Bench : public ActorFixture {
 public:
  Bench(int waiting, int lanes, int sizes) {
    run();
    for (int i = 0; i < sizes; ++i) pictures_.push_back(picture({64 + 8 * i, 64}));
    for (int i = 0; i < lanes; ++i) {
      devices_.push_back(std::make_unique<ManualDevice>(*this, batcher_, "cuda:" + std::to_string(i / 2)));
      devices_.back()->enlist(warm_up_times());
    }
    arrive(waiting + lanes * 16);  // each device has a batch that runs and one that lies ready
  }
  ~Bench() {
    caf::anon_send(batcher_, abandon_atom_v);
    run();
    exit(batcher_);
    run();
  }

  double us_per_arrival() {
    std::vector<JobPtr> jobs;
    for (int i = 0; i < events; ++i) jobs.push_back(next_job());
    const double start = cpu_seconds();
    for (const JobPtr& job : jobs) {
      caf::anon_send(batcher_, job);
      run();
    }
    return (cpu_seconds() - start) * 1e6 / events;
  }

  double us_per_batch_end() {
    double seconds = 0;
    for (int i = 0; i < events; ++i) {
      ManualDevice& device = *devices_[static_cast<std::size_t>(i) % devices_.size()];
      scheduler.clock().current_time += batch_time / devices_.size();
      const double start = cpu_seconds();
      device.finish(batch_time);
      seconds += cpu_seconds() - start;
      arrive(static_cast<int>(device.batches.back()->size()));
      device.batches.erase(device.batches.begin(), device.batches.end() - 1);
    }
    return seconds * 1e6 / events;
  }

 private:
  JobPtr next_job() {
    const int id = next_id_++;
    const auto& picture = pictures_[static_cast<std::size_t>(id) % pictures_.size()];
    Input input;
    input.tiles.push_back({{0, 0, picture->width, picture->height}, picture->size(), picture, picture});
    Ticket ticket;
    ticket.id = "request-" + std::to_string(id);
    ticket.priority = id % 16 == 0 ? Priority::high : id % 4 == 1 ? Priority::low : Priority::normal;
    ticket.received = now();
    ticket.deadline = now() + std::chrono::milliseconds(60'000 + 7919 * id % 20'000);
    return std::make_shared<Job>(ticket, std::make_shared<const Input>(std::move(input)), Microseconds{});
  }
  void arrive(int jobs) {
    for (int i = 0; i < jobs; ++i) {
      caf::anon_send(batcher_, next_job());
      run();
    }
  }

  std::vector<std::shared_ptr<const Pixels>> pictures_;
  int next_id_ = 0;
  caf::actor batcher_ = system.spawn<Batcher>(DispatcherSettings{}, repliers(), std::make_shared<QueueBoard>(),
                                              std::make_shared<Admission>(100'000, std::size_t{1} << 40));
  std::vector<std::unique_ptr<ManualDevice>> devices_;
};

void print_row(int waiting, int lanes, int sizes) {
  Bench bench(waiting, lanes, sizes);
  const double end = bench.us_per_batch_end();
  const double arrival = bench.us_per_arrival();
  std::printf("| %d | %d | %d | %.1f | %.1f |\n", waiting, lanes, sizes, arrival, end);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  std::puts("| waiting | lanes | sizes | us per arrival | us per batch end |\n|---|---|---|---|---|");
  if (argc == 4) {
    print_row(std::atoi(argv[1]), std::atoi(argv[2]), std::atoi(argv[3]));
    return 0;
  }
  for (const int waiting : {64, 256, 1024, 4096})
    for (const int lanes : {2, 16})
      for (const int sizes : {1, 50}) print_row(waiting, lanes, sizes);
}
