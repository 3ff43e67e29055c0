// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>

#include "config/kinds.h"
#include "core/request.h"
#include "core/text.h"

namespace inpaintd {
namespace {

using namespace std::chrono_literals;
using kinds::Address, kinds::ByteSize, kinds::Choice, kinds::Devices, kinds::Duration, kinds::Flag, kinds::Integer,
    kinds::Real, kinds::Sides, kinds::Text, kinds::Token;

struct Extra {
  std::string_view environment = {};
  bool secret = false;
};

/// A key, and the function that returns the key's member of a Config.
template <class Access>
struct Member {
  std::string_view key;
  Access access;
};
template <class Access>
Member(std::string_view, Access) -> Member<Access>;  // compilers deduce it by themselves, but clang only from 17 on

template <class Access, class Kind>
Setting row(Member<Access> member, Kind kind, std::string_view help, Extra extra = {}) {
  return {member.key,
          help,
          extra.environment,
          extra.secret,
          kind.range(),
          [=](Config& config, const std::string& text) { return kind.parse(text, member.access(config)); },
          [=](const Config& config) { return kind.print(member.access(config)); }};
}

// Most keys are spelt like their members.
#define MEMBER_AS(key, path) (Member{key, [](auto& config) -> auto& { return config.path; }})
#define MEMBER(path) MEMBER_AS(#path, path)

std::vector<Setting> make_table() {
  constexpr std::int64_t MiB = 1 << 20;
  return {
      row(MEMBER(nats.url), Text{}, "Server; several, separated by commas, name a cluster.", {"NATS_URL"}),
      row(MEMBER(nats.user), Text{}, "User name, where the server asks for one.", {"INPAINTD_NATS_USER"}),
      row(MEMBER(nats.password), Text{}, "Give it by the environment rather than in this file.",
          {"INPAINTD_NATS_PASSWORD", true}),
      row(MEMBER(nats.token), Text{}, "Instead of user and password.", {"INPAINTD_NATS_TOKEN", true}),
      row(MEMBER(nats.nkey_seed_file), Text{}, "File with an NKey seed."),
      row(MEMBER(nats.credentials_file), Text{}, "File with a user JWT and its NKey seed (.creds)."),
      row(MEMBER(nats.tls_ca_file), Text{}, "Certificates to trust (PEM) instead of the system's."),
      row(MEMBER(nats.tls_cert_file), Text{}, "Our certificate (PEM), where the server asks for one."),
      row(MEMBER(nats.tls_key_file), Text{}, "The key of tls_cert_file (PEM)."),
      row(MEMBER(nats.tls), Flag{}, "Refuse connections without TLS; tls:// in the URL says the same."),
      row(MEMBER(nats.inbox_prefix), Token{true, true},
          "Private inboxes instead of _INBOX, where permissions ask for it."),
      row(MEMBER(nats.connect_timeout), Duration{100ms, 60s}, "How long to try each server of the list."),
      row(MEMBER(nats.retry_first_connect), Flag{}, "Wait for a server that is not there yet; false: exit at once."),
      row(MEMBER(nats.reconnect_buffer_bytes), ByteSize{0, 1024 * MiB},
          "Answers kept while the connection is lost; more than that are dropped."),
      row(MEMBER(nats.pending_max), Integer{1, 1'000'000},
          "Requests that may wait for admission, which takes microseconds; more are dropped and counted."),
      row(MEMBER(nats.prefix), Token{true}, "First part of every subject: <prefix>.v1.run and so on."),
      row(MEMBER(nats.queue_group), Token{}, "Workers of one group share the requests."),

      row(MEMBER_AS("service.name", nats.name), Token{}, "Name in NATS service discovery."),
      row(MEMBER(service.ingress_threads), Integer{0, 256},
          "Threads that decode requests: 2 ms (JPEG) to 6 ms (PNG) of a core for 512x512. 0: a quarter of the cores, 2 "
          "at least."),
      row(MEMBER(service.reply_threads), Integer{0, 256},
          "Threads that encode answers: 1 ms (JPEG) to 60 ms (WebP) of a core for 512x512. 0: a quarter of the cores, "
          "2 "
          "at least."),
      row(MEMBER(service.drain_timeout), Duration{0s, 1h},
          "At shutdown, how long accepted requests may take; then they are answered shutting_down."),
      row(MEMBER(service.timeout_default), Duration{1ms, timeout_max}, "For requests that name no timeout_ms."),
      row(MEMBER(service.in_flight_max), Integer{0, 1'000'000},
          "Requests held at a time; more are refused as overloaded. Low priority may take three quarters, the last "
          "sixteenth is for high priority. 0: four batches for each replica, 256 at least."),
      row(MEMBER(service.in_flight_bytes_max), ByteSize{MiB, 1024 * 1024 * MiB},
          "Memory of the requests held at a time: messages, pictures, masks, and the network's inputs and answers, "
          "counted by the headers before anything is decoded; more are refused as overloaded."),

      row(MEMBER(model.engine), Choice<EngineKind>{},
          "native: LaMa by the fastest way that passes a self-check; reference: LaMa by LibTorch's operations in fp32; script: "
          "any TorchScript module of (image, mask); null: answers with the input image, for measuring the service."),
      row(MEMBER(model.file), Text{}, "Weights; empty: the small model inside the program."),
      row(MEMBER(model.devices), Devices{},
          "Where to run; auto: every CUDA device, or the CPU where there is none; cuda: every CUDA device, an error "
          "where "
          "there is none."),
      row(MEMBER(model.cpu_replicas), Integer{1, 256},
          "Batches at a time on the CPU; more of them have fewer cores each."),
      row(MEMBER(model.gpu_replicas), Integer{1, 16},
          "Batches at a time on each GPU; with 2, one is copied while the other computes."),
      row(MEMBER_AS("model.threads_per_replica", model.threads), Integer{0, 1024},
          "CPU threads of each; 0: share the cores equally."),
      row(MEMBER(model.precision), Choice<Precision>{},
          "auto: the fastest that passes a self-check with these weights; fp16 needs a GPU; on CPUs bf16 is slow."),
      row(MEMBER(model.isa), Choice<Isa>{},
          "Instruction set of the native engine on the CPU; auto: the best that this CPU has."),
      row(MEMBER(model.null_pace), Text{},
          "Time that the null engine pretends to need: of each batch such as 20ms, or of each batch and each picture such "
          "as 4ms+700us; empty: none."),
      row(MEMBER(model.null_faults), Text{},
          "What the null engine gets wrong on purpose, for testing clients: poison:0.01 and nan:0.01 (a share of the "
          "pictures), fail:0.01, count:0.01, crash:0.01, lost:@20 (a share of the runs, or one run), hang:@9:5s, "
          "oom:>4 "
          "(pictures in a run), seed:7, separated by commas."),

      row(MEMBER(batch.size_max), Integer{1, 256}, "Pictures per batch; larger costs memory and gains little on CPUs."),
      row(MEMBER(batch.wait_max), Duration{0ms, 10s}, "How long a lone request waits for company."),
      row(MEMBER(batch.retries_max), Integer{0, 10}, "How often a request is tried again after its device failed."),
      row(MEMBER(batch.adaptive), Flag{},
          "Batches as large, and waits as long, as pays by what was measured; false: always size_max and wait_max."),
      row(MEMBER(batch.latency_target), Duration{0ms, 10min},
          "What a batch may take, where a smaller one can; 0ms: as long as pays, within the deadlines."),
      row(MEMBER(batch.age_max), Duration{10ms, 10min},
          "Every fourth batch is for requests that waited so long, whatever their priority: so low is never starved."),

      row(MEMBER(device.warm_up), Duration{0ms, 1min},
          "How long a device may measure batches of image.window_sides before its first request; 0ms: not at all."),
      row(MEMBER_AS("device.watchdog", batch.watchdog), Duration{10ms, 1h},
          "A batch that takes longer than this, and ten times as long as expected, counts as hung."),

      row(MEMBER(image.pixels_max), Integer{64, 1'000'000'000}, "Larger pictures are refused, before decoding."),
      row(MEMBER(image.side_max), Integer{8, 65'535}, "Pictures with a longer side are refused, too."),
      row(MEMBER(image.whole_pixels_max), Integer{256 * 256, network_pixels_max},
          "Strategy whole takes no larger pictures; for each million pixels a CPU needs 215 MB with the built-in model "
          "and 455 MB with big-lama."),
      row(MEMBER(image.window_sides), Sides{},
          "Sides of the squares that the network is run at, for every strategy but whole: a hole with its margin takes the "
          "smallest square that holds it, and is shrunk to the largest square where none does. Few sides make full "
          "batches, many sides save work on each picture."),
      row(MEMBER(image.context), Real{0.0, 8.0}, "Margin around a hole in its window, in parts of its longer side."),
      row(MEMBER(image.context_min), Integer{0, 4096}, "The margin is at least this many pixels."),

      row(MEMBER(http.listen), Address{},
          "Where /metrics, /healthz and /readyz are served; empty: nowhere. Port 0 takes a free one and logs it."),

      row(MEMBER(cache.bytes_max), ByteSize{0, 1024 * 1024 * MiB},
          "Memory for results, so that a request that comes again is answered at once; 0: none are kept."),
      row(MEMBER(cache.mask_bytes_max), ByteSize{0, 1024 * 1024 * MiB},
          "Memory for masks as they were decoded and planned, for pictures that bring the same; 0: none are kept."),

      row(MEMBER(log.level), Choice<LogLevel>{}, "The least that is logged."),
      row(MEMBER(log.format), Choice<LogFormat>{}, "Lines for people or for machines."),
  };
}
#undef MEMBER
#undef MEMBER_AS

}  // namespace

const std::vector<Setting>& settings() {
  static const std::vector<Setting> table = make_table();
  return table;
}

const Setting* find_setting(std::string_view key) {
  const auto found = std::ranges::find(settings(), key, &Setting::key);
  return found == settings().end() ? nullptr : &*found;
}

std::string_view nearest_key(std::string_view key) {
  const std::string_view name = key.substr(key.rfind('.') + 1);
  const auto distance = [&](const Setting& setting) {
    // A right name in a wrong section is more similar than its letters say.
    return std::min(edit_distance(key, setting.key), edit_distance(name, setting.name()) + 1);
  };
  return std::ranges::min_element(settings(), {}, distance)->key;
}

std::optional<std::string> check_together(const Config& config) {
  const auto& nats = config.nats;
  if (nats.tls_cert_file.empty() != nats.tls_key_file.empty())
    return "nats.tls_cert_file and nats.tls_key_file need each other: set both or none";
  if (nats.user.empty() && !nats.password.empty()) return "nats.password needs nats.user";
  const int ways =
      !nats.user.empty() + !nats.token.empty() + !nats.nkey_seed_file.empty() + !nats.credentials_file.empty();
  if (ways > 1) return "of nats.user, nats.token, nats.nkey_seed_file and nats.credentials_file only one can be used";
  if (config.model.engine == EngineKind::script && config.model.file.empty())
    return "model.engine = \"script\" runs a TorchScript file: name it in model.file";
  const bool is_null = config.model.engine == EngineKind::null;
  for (const auto& [key, value] : {std::pair{"model.null_pace", &config.model.null_pace},
                                   std::pair{"model.null_faults", &config.model.null_faults}})
    if (!value->empty() && !is_null)
      return fmt::format("{} is for the null engine only; empty it, or set model.engine = \"null\"", key);
  const std::int64_t window = config.image.window_sides.back();
  if (window * window > config.image.whole_pixels_max)
    return "the square of the largest of image.window_sides is larger than image.whole_pixels_max: windows would be larger "
           "than the largest picture that a device has to take";
  if (config.service.in_flight_max > 0 && config.batch.size_max > config.service.in_flight_max)
    return "batch.size_max is larger than service.in_flight_max: no batch would ever be full";
  return std::nullopt;
}

}  // namespace inpaintd
