/*
 * Memory for QuickJS, which asks for very many small blocks and for the size of each: a third of a short
 * run's instructions with musl's malloc. Small blocks come from lists by size and go back to them; what
 * is larger is malloc's. A block is preceded by its usable size.
 */
#include "allocator.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { GRAIN = 16, SMALL = 512, REGION = 64 * 1024 };

struct block {
    size_t usable;
    struct block *next; /* while it is free; a used block begins here */
};

#define HEADER offsetof(struct block, next)

static struct block *free_blocks[SMALL / GRAIN + 1];
static uint8_t *region, *region_end;

static struct block *block_of(const void *pointer)
{
    return (struct block *)((uint8_t *)pointer - HEADER);
}

static struct block *new_small_block(size_t length)
{
    if ((size_t)(region_end - region) < length) {
        uint8_t *fresh = malloc(REGION);
        if (!fresh)
            return NULL;
        region = fresh + HEADER;
        region_end = fresh + REGION;
    }
    struct block *block = (struct block *)region;
    region += length;
    block->usable = length - HEADER;
    return block;
}

static void *allocate(JSMallocState *state, size_t bytes)
{
    size_t class = (bytes + HEADER + GRAIN - 1) / GRAIN;
    struct block *block;
    if (class > SMALL / GRAIN) {
        if (bytes > SIZE_MAX - 2 * GRAIN || !(block = malloc(bytes + HEADER)))
            return NULL;
        block->usable = bytes;
    } else if ((block = free_blocks[class])) {
        free_blocks[class] = block->next;
    } else if (!(block = new_small_block(class * GRAIN))) {
        return NULL;
    }
    state->malloc_count++;
    state->malloc_size += block->usable + HEADER; /* by which QuickJS decides when to collect */
    return &block->next;
}

static void release(JSMallocState *state, void *pointer)
{
    if (!pointer)
        return;
    struct block *block = block_of(pointer);
    size_t class = (block->usable + HEADER) / GRAIN;
    state->malloc_count--;
    state->malloc_size -= block->usable + HEADER;
    if (block->usable + HEADER > SMALL) {
        free(block);
    } else {
        block->next = free_blocks[class];
        free_blocks[class] = block;
    }
}

static void *reallocate_large(JSMallocState *state, struct block *block, size_t bytes)
{
    size_t before = block->usable;
    if (bytes > SIZE_MAX - 2 * GRAIN || !(block = realloc(block, bytes + HEADER)))
        return NULL;
    block->usable = bytes;
    state->malloc_size += bytes - before;
    return &block->next;
}

static void *reallocate(JSMallocState *state, void *pointer, size_t bytes)
{
    if (!pointer)
        return bytes == 0 ? NULL : allocate(state, bytes);
    if (bytes == 0) {
        release(state, pointer);
        return NULL;
    }
    size_t usable = block_of(pointer)->usable;
    if (bytes <= usable && usable + HEADER <= SMALL)
        return pointer;
    if (bytes > SMALL && usable + HEADER > SMALL)
        return reallocate_large(state, block_of(pointer), bytes);
    void *moved = allocate(state, bytes);
    if (moved) {
        memcpy(moved, pointer, bytes < usable ? bytes : usable);
        release(state, pointer);
    }
    return moved;
}

static size_t usable_size(const void *pointer)
{
    return pointer ? block_of(pointer)->usable : 0;
}

const JSMallocFunctions allocator = {allocate, release, reallocate, usable_size};
