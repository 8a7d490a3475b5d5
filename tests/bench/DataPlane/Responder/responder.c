/*
 * A vhost-user-fs back end that does nothing but answer: the limit that the data-plane benchmark puts
 * beside the daemons. It maps the front end's memory, walks split rings with event indices and indirect
 * descriptors, and gives every request a fixed reply of the right length; a thread a queue, parked in
 * epoll_wait. It trusts its peer entirely. One connection at a time, one after the other.
 *
 *   responder SOCKET
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_QUEUES = 64, MAX_REGIONS = 8, MAX_FDS = 8, PUBLISH_BYTES = 128 << 10 };

/* vhost-user requests (QEMU, docs/interop/vhost-user.rst). */
enum {
    GET_FEATURES = 1, SET_FEATURES = 2, SET_MEM_TABLE = 5, SET_VRING_NUM = 8, SET_VRING_ADDR = 9,
    SET_VRING_BASE = 10, GET_VRING_BASE = 11, SET_VRING_KICK = 12, SET_VRING_CALL = 13,
    SET_VRING_ERR = 14, GET_PROTOCOL_FEATURES = 15, GET_QUEUE_NUM = 17, SET_VRING_ENABLE = 18,
};
enum { VERSION = 1, REPLY = 4, NEED_REPLY = 8, NO_FD = 0x100 };

/* RING_INDIRECT_DESC, RING_EVENT_IDX, PROTOCOL_FEATURES, VERSION_1; MQ, REPLY_ACK. */
#define FEATURES (1ull << 28 | 1ull << 29 | 1ull << 30 | 1ull << 32)
#define PROTOCOL_FEATURES (1ull << 0 | 1ull << 3)

struct message {
    uint32_t request, flags, size;
    union {
        uint64_t u64;
        struct { uint32_t index, num; } state;
        struct { uint32_t index, flags; uint64_t descriptors, used, available, log; } address;
        struct { uint32_t count, padding; struct { uint64_t guest, size, user, offset; } regions[MAX_REGIONS]; } table;
        uint8_t bytes[512];
    };
} __attribute__((packed));

/* A split virtqueue's parts (virtio 1.3, 2.7). */
struct descriptor { uint64_t address; uint32_t length; uint16_t flags, next; };
enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };
struct available { uint16_t flags; _Atomic uint16_t index; uint16_t ring[]; };
struct used_element { uint32_t id, length; };
struct used { uint16_t flags; _Atomic uint16_t index; struct used_element ring[]; };

/* FUSE's headers and the opcodes that are asked for (linux/fuse.h). */
struct in_header { uint32_t length, opcode; uint64_t unique, node; uint32_t uid, gid, pid, extensions; };
struct out_header { uint32_t length; int32_t error; uint64_t unique; };
enum { LOOKUP = 1, FORGET = 2, GETATTR = 3, OPEN = 14, READ = 15, INIT = 26, OPENDIR = 27, BATCH_FORGET = 42, READDIRPLUS = 44 };

struct queue {
    struct descriptor *descriptors;
    struct available *available;
    struct used *used;
    uint32_t size;
    uint16_t next, published;
    int kick, call, stop;
    pthread_t thread;
    bool running;
};

static struct { uint64_t guest, user, size; uint8_t *base; } regions[MAX_REGIONS];
static unsigned region_count;
static struct queue queues[MAX_QUEUES];

/* Replies, made once. Nodes: 1 the root, 2 its file 'data' of zeros, 3 its directory 'entries'. */
static uint8_t attributes[104], entries[2][128], listing[4096], init[64], opened[16];

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static uint8_t *from_guest(uint64_t address)
{
    for (unsigned i = 0; i < region_count; i++)
        if (address - regions[i].guest < regions[i].size)
            return regions[i].base + (address - regions[i].guest);
    abort();
}

static void *from_user(uint64_t address)
{
    for (unsigned i = 0; i < region_count; i++)
        if (address - regions[i].user < regions[i].size)
            return regions[i].base + (address - regions[i].user);
    abort();
}

static void put32(uint8_t *to, uint32_t value) { memcpy(to, &value, sizeof value); }
static void put64(uint8_t *to, uint64_t value) { memcpy(to, &value, sizeof value); }

/* struct fuse_attr: number at 0, size at 8, mode at 60, links at 64. */
static void make_attributes(uint8_t *to, uint64_t node, uint64_t size, uint32_t mode)
{
    put64(to, node);
    put64(to + 8, size);
    put32(to + 60, mode);
    put32(to + 64, 1);
}

/* struct fuse_entry_out: node at 0, validity at 16 and 24, attributes at 40. */
static void make_entry(uint8_t *to, uint64_t node, uint64_t size, uint32_t mode)
{
    put64(to, node);
    put64(to + 16, 1);
    put64(to + 24, 1);
    make_attributes(to + 40, node, size, mode);
}

static void make_replies(void)
{
    put64(attributes, 1);
    make_attributes(attributes + 16, 2, 64 << 20, 0100444);
    make_entry(entries[0], 2, 64 << 20, 0100444);
    make_entry(entries[1], 3, 0, 0040555);
    put32(init, 7);
    put32(init + 4, 38);
    put32(init + 8, 128 << 10);
    put32(init + 20, 1 << 20);
    opened[0] = 1;
    /* Records of fuse_entry_out, then fuse_dirent with a name of 9 bytes, padded to 8: 168 bytes each. */
    for (unsigned i = 0; (i + 1) * 168 <= sizeof listing; i++) {
        uint8_t *record = listing + i * 168;
        make_entry(record, 4 + i, 0, 0100444);
        put64(record + 128, 4 + i);
        put64(record + 136, i + 3);
        put32(record + 144, 9);
        put32(record + 148, 8);
        snprintf((char *)record + 152, 16, "e%08u", i);
    }
}

/* What the opcode's reply says behind its header; NULL stands for zeros. */
static uint32_t reply_to(const struct in_header *header, const uint8_t *body, const uint8_t **payload, int32_t *error)
{
    uint32_t size;
    *error = 0;
    switch (header->opcode) {
    case GETATTR: *payload = attributes; return sizeof attributes;
    case LOOKUP: *payload = entries[body[0] == 'e']; return sizeof entries[0];
    case READ: *payload = NULL; memcpy(&size, body + 16, sizeof size); return size;
    case READDIRPLUS: *payload = listing; return sizeof listing / 168 * 168;
    case OPEN: case OPENDIR: *payload = opened; return sizeof opened;
    case INIT: *payload = init; return sizeof init;
    default: *payload = NULL; *error = -ENOSYS; return 0;
    }
}

/* Answers one chain; returns the bytes written. A request's header is in its first buffer, as Linux has it. */
static uint32_t answer(struct queue *queue, uint16_t head)
{
    struct descriptor *table = queue->descriptors, *d = &table[head];
    if (d->flags & INDIRECT) {
        table = (struct descriptor *)from_guest(d->address);
        d = table;
    }
    const struct in_header *header = (const struct in_header *)from_guest(d->address);
    const uint8_t *body = (const uint8_t *)(header + 1);
    struct out_header reply;
    const uint8_t *payload = NULL;
    uint32_t length = 0, done = 0, replied = 0;
    bool first = true, writing = false;
    for (;; d = &table[d->next], first = false) {
        if (!(d->flags & WRITE)) {
            if (!first)
                body = from_guest(d->address);
        } else {
            if (!writing) {
                if (header->opcode == FORGET || header->opcode == BATCH_FORGET)
                    return 0;
                length = reply_to(header, body, &payload, &reply.error);
                reply.length = sizeof reply + length;
                reply.unique = header->unique;
                writing = true;
            }
            uint8_t *to = from_guest(d->address);
            uint32_t room = d->length;
            if (replied < sizeof reply) {
                uint32_t part = room < sizeof reply - replied ? room : sizeof reply - replied;
                memcpy(to, (uint8_t *)&reply + replied, part);
                replied += part;
                to += part;
                room -= part;
            }
            uint32_t part = room < length - done ? room : length - done;
            if (payload == NULL)
                memset(to, 0, part);
            else
                memcpy(to, payload + done, part);
            done += part;
        }
        if (!(d->flags & NEXT))
            return replied + done;
    }
}

static void publish(struct queue *queue, uint16_t index)
{
    uint16_t old = queue->published;
    if (index == old)
        return;
    atomic_store_explicit(&queue->used->index, index, memory_order_release);
    queue->published = index;
    atomic_thread_fence(memory_order_seq_cst);
    uint16_t wanted = *(volatile uint16_t *)&queue->available->ring[queue->size];
    if ((uint16_t)(index - wanted - 1) < (uint16_t)(index - old))
        eventfd_write(queue->call, 1);
}

static void *serve(void *argument)
{
    struct queue *queue = argument;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event kick = { .events = EPOLLIN | EPOLLET }, stop = { .events = EPOLLIN, .data.u32 = 1 }, woken;
    epoll_ctl(epoll, EPOLL_CTL_ADD, queue->kick, &kick);
    epoll_ctl(epoll, EPOLL_CTL_ADD, queue->stop, &stop);
    uint16_t mask = (uint16_t)(queue->size - 1), given = queue->published;
    volatile uint16_t *kick_at = (volatile uint16_t *)&queue->used->ring[queue->size];
    for (;;) {
        uint16_t available = atomic_load_explicit(&queue->available->index, memory_order_acquire);
        if (available == queue->next) {
            *kick_at = queue->next;
            atomic_thread_fence(memory_order_seq_cst);
            if (atomic_load_explicit(&queue->available->index, memory_order_acquire) == queue->next
                && epoll_wait(epoll, &woken, 1, -1) == 1 && woken.data.u32 == 1)
                break;
            continue;
        }
        uint32_t unpublished = 0;
        while (queue->next != available) {
            uint16_t head = queue->available->ring[queue->next++ & mask];
            uint32_t written = answer(queue, head);
            queue->used->ring[given++ & mask] = (struct used_element){ head, written };
            if ((unpublished += written) >= PUBLISH_BYTES) {
                publish(queue, given);
                unpublished = 0;
            }
        }
        publish(queue, given);
    }
    close(epoll);
    return NULL;
}

static void start(struct queue *queue)
{
    queue->published = atomic_load(&queue->used->index);
    queue->stop = eventfd(0, EFD_CLOEXEC);
    queue->running = true;
    if (pthread_create(&queue->thread, NULL, serve, queue) != 0)
        die("pthread_create");
}

static void stop(struct queue *queue)
{
    if (!queue->running)
        return;
    eventfd_write(queue->stop, 1);
    pthread_join(queue->thread, NULL);
    close(queue->stop);
    queue->running = false;
}

static void replace(int *descriptor, int with)
{
    if (*descriptor > 0)
        close(*descriptor);
    *descriptor = with;
}

static void map(const struct message *message, const int *fds)
{
    region_count = message->table.count;
    for (unsigned i = 0; i < region_count; i++) {
        uint64_t size = message->table.regions[i].size, offset = message->table.regions[i].offset;
        void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fds[i], (off_t)offset);
        if (base == MAP_FAILED)
            die("mmap");
        close(fds[i]);
        regions[i].guest = message->table.regions[i].guest;
        regions[i].user = message->table.regions[i].user;
        regions[i].size = size;
        regions[i].base = base;
    }
}

static bool receive(int peer, struct message *message, int *fds)
{
    union { struct cmsghdr header; char bytes[CMSG_SPACE(MAX_FDS * sizeof(int))]; } control;
    struct iovec vector = { message, offsetof(struct message, bytes) };
    struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    if (recvmsg(peer, &header, MSG_WAITALL | MSG_CMSG_CLOEXEC) != (ssize_t)vector.iov_len)
        return false;
    struct cmsghdr *passed = CMSG_FIRSTHDR(&header);
    if (passed != NULL && passed->cmsg_type == SCM_RIGHTS)
        memcpy(fds, CMSG_DATA(passed), passed->cmsg_len - CMSG_LEN(0));
    return message->size <= sizeof message->bytes
        && (message->size == 0 || recv(peer, message->bytes, message->size, MSG_WAITALL) == (ssize_t)message->size);
}

static void reply(int peer, struct message *message, uint32_t size)
{
    message->flags = VERSION | REPLY;
    message->size = size;
    if (send(peer, message, offsetof(struct message, bytes) + size, MSG_NOSIGNAL) < 0)
        perror("send");
}

static void handle(int peer, struct message *message, const int *fds)
{
    struct queue *queue = &queues[message->state.index % MAX_QUEUES];
    switch (message->request) {
    case GET_FEATURES: message->u64 = FEATURES; reply(peer, message, 8); return;
    case GET_PROTOCOL_FEATURES: message->u64 = PROTOCOL_FEATURES; reply(peer, message, 8); return;
    case GET_QUEUE_NUM: message->u64 = MAX_QUEUES; reply(peer, message, 8); return;
    case SET_MEM_TABLE: map(message, fds); break;
    case SET_VRING_NUM: queue->size = message->state.num; break;
    case SET_VRING_BASE: queue->next = (uint16_t)message->state.num; break;
    case SET_VRING_ADDR:
        queue->descriptors = from_user(message->address.descriptors);
        queue->available = from_user(message->address.available);
        queue->used = from_user(message->address.used);
        break;
    case SET_VRING_KICK: replace(&queue->kick, message->u64 & NO_FD ? -1 : fds[0]); break;
    case SET_VRING_CALL: replace(&queue->call, message->u64 & NO_FD ? -1 : fds[0]); break;
    case SET_VRING_ERR: if (!(message->u64 & NO_FD)) close(fds[0]); break;
    case SET_VRING_ENABLE:
        if (message->state.num)
            start(queue);
        else
            stop(queue);
        break;
    case GET_VRING_BASE:
        stop(queue);
        message->state.num = queue->next;
        reply(peer, message, 8);
        return;
    default: break;
    }
    if (message->flags & NEED_REPLY) {
        message->u64 = 0;
        reply(peer, message, 8);
    }
}

int main(int count, char **arguments)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (count != 2 || strlen(arguments[1]) >= sizeof address.sun_path) {
        fprintf(stderr, "usage: responder SOCKET\n");
        return 2;
    }
    make_replies();
    strcpy(address.sun_path, arguments[1]);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 16) != 0)
        die(arguments[1]);
    for (;;) {
        int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC), fds[MAX_FDS];
        if (peer < 0)
            die("accept");
        struct message message;
        while (receive(peer, &message, fds))
            handle(peer, &message, fds);
        for (unsigned i = 0; i < MAX_QUEUES; i++) {
            stop(&queues[i]);
            replace(&queues[i].kick, -1);
            replace(&queues[i].call, -1);
        }
        for (unsigned i = 0; i < region_count; i++)
            munmap(regions[i].base, regions[i].size);
        region_count = 0;
        close(peer);
    }
}
