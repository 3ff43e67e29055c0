// SPDX-License-Identifier: Apache-2.0
#include "bus/nkey.h"
#include "tests/fuzz/fuzz.h"

/// The NKey seed file: read_nkey_seed and nkey_public_key.
namespace inpaintd::fuzz {

std::vector<std::string> seeds() {
  const std::string seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";  // NATS' public example
  return {seed, seed + "\n", "-----BEGIN USER NKEY SEED-----\n" + seed + "\n------END", seed.substr(0, 57), "SU", ""};
}

void run(Bytes input) {
  const auto direct = nkey_public_key(text_of(input));
  require(!direct || (direct->size() == 56 && direct->front() == 'U'), "a user's public key is U and 55 characters");
  const auto seed = read_nkey_seed(file_with(text_of(input)));
  if (!seed) return require_readable(seed.error());
  const auto key = nkey_public_key(*seed);
  require(!key || key->size() == 56, "a user's public key has 56 characters");
}

}  // namespace inpaintd::fuzz
