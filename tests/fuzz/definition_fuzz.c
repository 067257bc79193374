// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a definition: they are refused with one printable line, or read, and then written
 * they read back the same. A network and the machine are both tried.
 *
 * With libFuzzer:  clang -fsanitize=fuzzer,address,undefined ...
 * Without (-DXN_FUZZ_MAIN): for each file named, itself and mutations of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/definition.h"
#include "common/machine.h"
#include "common/source.h"
#include "common/yamlwrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SHOWN "(fuzz)"

static void check(bool promise, const char *what, const char *detail)
{
	if (promise)
		return;
	fprintf(stderr, "broken promise: %s: %s\n", what, detail);
	abort();
}

static void check_error(const struct xn_err *err)
{
	check(!strncmp(err->text, SHOWN ":", strlen(SHOWN ":")), "an error names the file",
	      err->text);
	for (const char *at = err->text; *at; at++)
		check((unsigned char)*at >= ' ' && *at != 0x7f, "an error is one printable line",
		      err->text);
}

static json_t *read_definition(const char *text, size_t size, char **written)
{
	struct xn_err err = { "" };
	struct xn_source *source = xn_source_text(SHOWN, text, size, &err);
	struct xn_definition *def = NULL;
	json_t *json = NULL;

	if (source)
		def = xn_definition_parse(source, "net1", false, &err);
	if (def) {
		json = xn_definition_json(def);
		*written = xn_yaml_definition(def);
	} else {
		check_error(&err);
	}
	xn_definition_free(def);
	xn_source_free(source);
	return json;
}

static json_t *read_machine(const char *text, size_t size, char **written)
{
	struct xn_err err = { "" };
	struct xn_source *source = xn_source_text(SHOWN, text, size, &err);
	struct xn_machine machine = { 0 };
	json_t *json = NULL;

	if (source && xn_machine_parse(source, &machine, &err)) {
		json = xn_machine_json(&machine);
		*written = xn_yaml_machine(&machine);
	} else {
		check_error(&err);
	}
	xn_machine_free(&machine);
	xn_source_free(source);
	return json;
}

static void try(json_t *(*read)(const char *text, size_t size, char **written), const char *text,
		size_t size)
{
	char *written = NULL, *again = NULL;
	json_t *first = read(text, size, &written), *second;

	if (first) {
		second = read(written, strlen(written), &again);
		check(second && json_equal(first, second), "what is written reads back", written);
		json_decref(second);
	}
	json_decref(first);
	free(written);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try(read_definition, (const char *)data, size);
	try(read_machine, (const char *)data, size);
	return 0;
}

#ifdef XN_FUZZ_MAIN
#define ROUNDS	   20000
#define INPUT_SIZE 4096

/* xorshift: the same inputs in every run. */
static uint32_t random_number(void)
{
	static uint32_t state = 2463534242U;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* Overwrite, insert or remove a byte, mostly one that means something in YAML. */
static size_t mutate(char *text, size_t size)
{
	static const char bytes[] = ":-[]{},\"'#&*!|>%@`\n \t~0a\\";
	size_t at = random_number() % (size + 1);
	char byte = random_number() % 8 ? bytes[random_number() % (sizeof(bytes) - 1)]
					: (char)random_number();

	switch (random_number() % 3) {
	case 0:
		if (at < size)
			text[at] = byte;
		return size;
	case 1:
		if (size == INPUT_SIZE)
			return size;
		memmove(text + at + 1, text + at, size - at);
		text[at] = byte;
		return size + 1;
	default:
		if (at == size)
			return size;
		memmove(text + at, text + at + 1, size - at - 1);
		return size - 1;
	}
}

static void fuzz_file(const char *path)
{
	static char seed[INPUT_SIZE], text[INPUT_SIZE];
	FILE *in = fopen(path, "r");
	size_t seed_size, size;

	check(in, "the file can be read", path);
	seed_size = fread(seed, 1, sizeof(seed), in);
	fclose(in);
	for (int round = 0; round < ROUNDS; round++) {
		memcpy(text, seed, seed_size);
		size = seed_size;
		for (uint32_t n = round ? random_number() % 8 + 1 : 0; n; n--)
			size = mutate(text, size);
		LLVMFuzzerTestOneInput((const uint8_t *)text, size);
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		fuzz_file(argv[i]);
	printf("ok - %d inputs and their mutations are read or refused cleanly\n", argc - 1);
	return 0;
}
#endif
