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
      row(MEMBER(nats.url), Text{}, "The URL of the server; several URLs, separated by commas, name a cluster.",
          {"NATS_URL"}),
      row(MEMBER(nats.user), Text{}, "User name, if the server requires one.", {"INPAINTD_NATS_USER"}),
      row(MEMBER(nats.password), Text{}, "Password of nats.user; set it by the environment rather than in this file.",
          {"INPAINTD_NATS_PASSWORD", true}),
      row(MEMBER(nats.token), Text{}, "Token, instead of user and password.", {"INPAINTD_NATS_TOKEN", true}),
      row(MEMBER(nats.nkey_seed_file), Text{}, "File with an NKey seed."),
      row(MEMBER(nats.credentials_file), Text{}, "File with a user JWT and its NKey seed (.creds)."),
      row(MEMBER(nats.tls_ca_file), Text{}, "Certificates to trust (PEM) instead of the system's."),
      row(MEMBER(nats.tls_cert_file), Text{}, "Certificate of this client (PEM), if the server requires one."),
      row(MEMBER(nats.tls_key_file), Text{}, "The key of tls_cert_file (PEM)."),
      row(MEMBER(nats.tls), Flag{}, "Refuse connections without TLS; tls:// in the URL has the same effect."),
      row(MEMBER(nats.inbox_prefix), Token{true, true},
          "Prefix of inboxes instead of _INBOX, if the permissions of the user require another one."),
      row(MEMBER(nats.connect_timeout), Duration{100ms, 60s}, "Time limit for connecting to each server of the list."),
      row(MEMBER(nats.retry_first_connect), Flag{}, "Wait for a server that does not answer yet; false: exit at once."),
      row(MEMBER(nats.reconnect_buffer_bytes), ByteSize{0, 1024 * MiB},
          "Memory for answers while the connection is lost; further answers are dropped."),
      row(MEMBER(nats.pending_max), Integer{1, 1'000'000},
          "Largest number of requests that wait for admission, which takes microseconds; further requests are "
          "dropped and counted."),
      row(MEMBER(nats.prefix), Token{true}, "First part of every subject: <prefix>.v1.run and so on."),
      row(MEMBER(nats.queue_group), Token{}, "Workers of one group share the requests."),

      row(MEMBER_AS("service.name", nats.name), Token{}, "Name in NATS service discovery."),
      row(MEMBER(service.ingress_threads), Integer{0, 256},
          "Threads that decode requests: 2 ms (JPEG) to 6 ms (PNG) of a core for 512x512. 0: a quarter of the "
          "cores, at least 2."),
      row(MEMBER(service.reply_threads), Integer{0, 256},
          "Threads that encode answers: 1 ms (JPEG) to 60 ms (WebP) of a core for 512x512. 0: a quarter of the "
          "cores, at least 2."),
      row(MEMBER(service.drain_timeout), Duration{0s, 1h},
          "Time limit for accepted requests at shutdown; afterwards they are answered shutting_down."),
      row(MEMBER(service.timeout_default), Duration{1ms, timeout_max}, "Timeout of requests without timeout_ms."),
      row(MEMBER(service.in_flight_max), Integer{0, 1'000'000},
          "Largest number of requests in the service; further requests are refused as overloaded. Low priority gets "
          "three quarters, and the last sixteenth is for high priority. 0: four batches for each replica, at least "
          "256."),
      row(MEMBER(service.in_flight_bytes_max), ByteSize{MiB, 1024 * 1024 * MiB},
          "Memory of the requests in the service: messages, pictures, masks, and the network's inputs and "
          "predictions, estimated from the headers before anything is decoded; further requests are refused as "
          "overloaded."),

      row(MEMBER(objects.bytes_max), ByteSize{MiB, 1024 * 1024 * MiB},
          "Largest picture or mask in the object store that a request may name; larger ones are refused before they "
          "are read."),
      row(MEMBER(objects.timeout), Duration{10ms, 10min},
          "Time limit for reading or storing one picture in the object store."),

      row(MEMBER(jobs.enabled), Choice<Availability>{},
          "Whether this worker takes durable jobs from JetStream; auto: where their stream exists (inpaint-setup makes "
          "it)."),
      row(MEMBER(jobs.share), Real{0.001, 1.0},
          "Share of service.in_flight_max that durable jobs may hold, at least one job; the rest is kept for clients "
          "that wait for their answer."),
      row(MEMBER(jobs.tries_max), Integer{1, 1000},
          "Number of tries of a durable job whose device fails, or whose worker ends; afterwards the job is dead: its "
          "request is kept in the stream INPAINT_DEAD."),

      row(MEMBER(model.engine), Choice<EngineKind>{},
          "native: LaMa by the fastest way that passes a self-check; reference: LaMa by LibTorch's operations in "
          "fp32; script: any TorchScript module of (image, mask); null: answers with the input image, for measuring "
          "the service."),
      row(MEMBER(model.file), Text{}, "File with the weights; empty: the small built-in model."),
      row(MEMBER(model.devices), Devices{},
          "Devices to run on; auto: every CUDA device, or the CPU if there is none; cuda: every CUDA device, or an "
          "error if there is none."),
      row(MEMBER(model.cpu_replicas), Integer{1, 256},
          "Replicas of the network on the CPU; each one runs a batch, and they share the cores."),
      row(MEMBER(model.gpu_replicas), Integer{1, 16},
          "Replicas of the network on each GPU; with 2, one batch is copied while another one is computed."),
      row(MEMBER_AS("model.threads_per_replica", model.threads), Integer{0, 1024},
          "CPU threads of each replica; 0: the replicas share the cores equally."),
      row(MEMBER(model.precision), Choice<Precision>{},
          "auto: the fastest precision that passes a self-check with these weights; fp16 needs a GPU, and bf16 is "
          "slow on CPUs."),
      row(MEMBER(model.isa), Choice<Isa>{},
          "Instruction set of the native engine on the CPU; auto: the best one of this CPU."),
      row(MEMBER(model.null_pace), Text{},
          "Time that the null engine takes: for each batch, such as 20ms, or for each batch and each picture, such "
          "as 4ms+700us; empty: none."),
      row(MEMBER(model.null_faults), Text{},
          "Faults of the null engine, for tests of clients, separated by commas: poison:0.01 and nan:0.01 (a share "
          "of the pictures), fail:0.01, count:0.01, crash:0.01, lost:@20 (a share of the runs, or one run), "
          "hang:@9:5s, hold:@9:FILE (while the file exists), oom:>4 (pictures in a run), seed:7."),

      row(MEMBER(batch.size_max), Integer{1, 256},
          "Largest number of tiles in a batch; large batches need memory and gain little on CPUs."),
      row(MEMBER(batch.wait_max), Duration{0ms, 10s}, "Longest wait of a request for a fuller batch."),
      row(MEMBER(batch.retries_max), Integer{0, 10}, "Number of further tries of a request after its device failed."),
      row(MEMBER(batch.adaptive), Flag{},
          "Choose batch sizes and waiting times from measured latencies; false: always size_max and wait_max."),
      row(MEMBER(batch.latency_target), Duration{0ms, 10min},
          "Longest run time of a batch, if smaller batches meet it; 0ms: no limit besides the deadlines."),
      row(MEMBER(batch.age_max), Duration{10ms, 10min},
          "Requests that have waited longer than this get every fourth batch, whatever their priority, so that none "
          "waits for ever."),

      row(MEMBER(device.warm_up), Duration{0ms, 1min},
          "Approximate time in which a device measures batches of image.window_sides before its first request; 0ms: "
          "none."),
      row(MEMBER_AS("device.watchdog", batch.watchdog), Duration{10ms, 1h},
          "A batch that takes longer than this, and ten times as long as expected, counts as hung."),

      row(MEMBER(image.pixels_max), Integer{64, 1'000'000'000},
          "Largest picture in pixels; larger ones are refused before they are decoded."),
      row(MEMBER(image.side_max), Integer{8, 65'535},
          "Longest side of a picture; pictures with longer sides are refused before they are decoded."),
      row(MEMBER(image.whole_pixels_max), Integer{256 * 256, network_pixels_max},
          "Largest picture in pixels for the strategy whole; for each million pixels a CPU needs 215 MB with the "
          "built-in model and 455 MB with big-lama."),
      row(MEMBER(image.window_sides), Sides{},
          "Sides of the squares at which the network is run, for every strategy but whole: a hole with its margin "
          "gets the smallest square that holds it, or is shrunk to the largest square if none does. Few sides make "
          "full batches, and many sides save work on each picture. Without any: the model's own, which are 256, 512, "
          "768 and 1024 for LaMa and MI-GAN. MI-GAN needs multiples of 128."),
      row(MEMBER(image.context), Real{0.0, 8.0},
          "Margin around a hole in its window, in parts of the hole's longer side."),
      row(MEMBER(image.context_min), Integer{0, 4096}, "Smallest margin around a hole, in pixels."),

      row(MEMBER(http.listen), Address{},
          "Address at which /metrics, /healthz and /readyz are served; empty: none. With port 0, a free port is "
          "used and logged."),

      row(MEMBER(cache.bytes_max), ByteSize{0, 1024 * 1024 * MiB},
          "Memory for results, so that a repeated request is answered at once; 0: no results are kept."),
      row(MEMBER(cache.mask_bytes_max), ByteSize{0, 1024 * 1024 * MiB},
          "Memory for decoded and planned masks, for pictures with the same mask; 0: no masks are kept."),

      row(MEMBER(log.level), Choice<LogLevel>{}, "Lowest level that is logged."),
      row(MEMBER(log.format), Choice<LogFormat>{}, "Format of log lines: text for people, or JSON for machines."),
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
    return "nats.tls_cert_file and nats.tls_key_file need each other; set both or none";
  if (nats.user.empty() && !nats.password.empty()) return "nats.password needs nats.user";
  const int ways =
      !nats.user.empty() + !nats.token.empty() + !nats.nkey_seed_file.empty() + !nats.credentials_file.empty();
  if (ways > 1)
    return "of nats.user, nats.token, nats.nkey_seed_file and nats.credentials_file only one can be used; empty the "
           "others";
  if (config.model.engine == EngineKind::script && config.model.file.empty())
    return "model.engine = \"script\" runs a TorchScript file; name the file in model.file";
  const bool is_null = config.model.engine == EngineKind::null;
  for (const auto& [key, value] : {std::pair{"model.null_pace", &config.model.null_pace},
                                   std::pair{"model.null_faults", &config.model.null_faults}})
    if (!value->empty() && !is_null)
      return fmt::format("{} is for the null engine only; empty it, or set model.engine = \"null\"", key);
  const std::int64_t window = config.image.ladder().back();
  if (window * window > config.image.whole_pixels_max)
    return "the square of the largest of image.window_sides is larger than image.whole_pixels_max, so windows would "
           "be larger than the largest picture; raise image.whole_pixels_max, or leave out that side";
  if (config.service.in_flight_max > 0 && config.batch.size_max > config.service.in_flight_max)
    return "batch.size_max is larger than service.in_flight_max, so no batch could be full; raise "
           "service.in_flight_max, or lower batch.size_max";
  return std::nullopt;
}

}  // namespace inpaintd
