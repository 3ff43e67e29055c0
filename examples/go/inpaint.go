// SPDX-License-Identifier: Apache-2.0

// Fills the holes of a picture: inpaint IMAGE MASK RESULT [URL]
package main

import (
	"context"
	"fmt"
	"os"

	inpaintd "inpaintd.example/clients/go"
)

func run(image, mask, result, url string) error {
	client, err := inpaintd.Connect(url)
	if err != nil {
		return err
	}
	defer client.Close()
	var request inpaintd.Request
	if request.Image, err = os.ReadFile(image); err != nil {
		return err
	}
	if request.Mask, err = os.ReadFile(mask); err != nil {
		return err
	}
	picture, err := client.Inpaint(context.Background(), request)
	if err != nil {
		return err
	}
	return os.WriteFile(result, picture.Image, 0o644)
}

func main() {
	arguments := append(os.Args[1:], "nats://127.0.0.1:4222")
	if len(arguments) < 4 {
		fmt.Fprintln(os.Stderr, "usage: inpaint IMAGE MASK RESULT [URL]")
		os.Exit(2)
	}
	if err := run(arguments[0], arguments[1], arguments[2], arguments[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
