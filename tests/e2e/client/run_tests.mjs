// SPDX-License-Identifier: Apache-2.0
// Runs { sentence: test } one after the other, prints how each ended, and makes the exit code 1 if one failed.
export async function runTests(tests) {
  for (const [sentence, test] of Object.entries(tests)) {
    try {
      await test();
      console.log(`ok      ${sentence}`);
    } catch (error) {
      console.log(`FAILED  ${sentence}\n${error.stack}`);
      process.exitCode = 1;
    }
  }
}
