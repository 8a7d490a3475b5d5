/* What libsmbclient does in the same works: a process for each connection, as its contexts share state.
   usage: smb-peer WORK PROCESSES SECONDS SMB-URL PORT USER PASSWORD ENCRYPT
   prints what was done, the seconds that it took, and the processes' own processor seconds. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <libsmbclient.h>

enum { CHUNK = 64 << 10, SMALL = 4 << 10, LARGE = 1 << 20, FILES = 10000 };

static const char *user, *password;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what)
{
    perror(what);
    _exit(1);
}

static void authenticate(const char *server, const char *share, char *group, int group_length, char *name, int name_length, char *secret, int secret_length)
{
    (void)server, (void)share, (void)group, (void)group_length;
    snprintf(name, name_length, "%s", user);
    snprintf(secret, secret_length, "%s", password);
}

static void connect_to(const char *url, int port, int encrypts)
{
    SMBCCTX *context = smbc_new_context();
    if (!context)
        fail("smbc_new_context");
    smbc_setPort(context, port);
    smbc_setFunctionAuthData(context, authenticate);
    smbc_setOptionSmbEncryptionLevel(context, encrypts ? SMBC_ENCRYPTLEVEL_REQUIRE : SMBC_ENCRYPTLEVEL_NONE);
    if (!smbc_init_context(context))
        fail("smbc_init_context");
    smbc_set_context(context);
    struct stat status;
    if (smbc_stat(url, &status) != 0)
        fail("connecting");
}

static uint64_t work_on(const char *work, const char *url, int number, int processes, double seconds)
{
    static char buffer[LARGE], path[4096];
    uint64_t done = 0;
    double end = now() + seconds;
    unsigned seed = number + 1;
    if (!strcmp(work, "random")) {
        snprintf(path, sizeof path, "%s/large", url);
        int file = smbc_open(path, O_RDONLY, 0);
        struct stat status;
        if (file < 0 || smbc_fstat(file, &status) != 0)
            fail("open");
        for (; now() < end; done++)
            if (smbc_lseek(file, (off_t)(rand_r(&seed) % (status.st_size / CHUNK)) * CHUNK, SEEK_SET) < 0 || smbc_read(file, buffer, CHUNK) != CHUNK)
                fail("read");
        smbc_close(file);
    } else if (!strcmp(work, "stat") || !strcmp(work, "open")) {
        for (uint64_t file = number; now() < end; file += processes, done++) {
            snprintf(path, sizeof path, "%s/many/f%05d", url, (int)(file % FILES));
            struct stat status;
            if (work[0] == 's') {
                if (smbc_stat(path, &status) != 0 || status.st_size != SMALL)
                    fail("stat");
                continue;
            }
            int opened = smbc_open(path, O_RDONLY, 0);
            if (opened < 0 || smbc_read(opened, buffer, SMALL) != SMALL)
                fail("open");
            smbc_close(opened);
        }
    } else if (!strcmp(work, "list")) {
        snprintf(path, sizeof path, "%s/many", url);
        while (now() < end) {
            int directory = smbc_opendir(path);
            struct stat status;
            if (directory < 0)
                fail("opendir");
            while (smbc_readdirplus2(directory, &status))
                done++;
            smbc_closedir(directory);
        }
    } else if (!strcmp(work, "read")) {
        snprintf(path, sizeof path, "%s/large", url);
        int file = smbc_open(path, O_RDONLY, 0);
        ssize_t count;
        if (file < 0)
            fail("open");
        while ((count = smbc_read(file, buffer, LARGE)) > 0)
            done += count;
        smbc_close(file);
    } else {
        snprintf(path, sizeof path, "%s/written", url);
        int file = smbc_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (file < 0)
            fail("open");
        for (; done < 512ull << 20; done += LARGE)
            if (smbc_write(file, buffer, LARGE) != LARGE)
                fail("write");
        smbc_close(file);
    }
    return done;
}

int main(int argc, char **argv)
{
    if (argc != 9)
        return 2;
    int processes = atoi(argv[2]), answers[2], starts[2], done = 0;
    user = argv[6];
    password = argv[7];
    if (pipe(answers) || pipe(starts))
        fail("pipe");
    for (int number = 0; number < processes; number++) {
        if (fork() != 0)
            continue;
        close(starts[1]);
        connect_to(argv[4], atoi(argv[5]), atoi(argv[8]));
        uint64_t count = 0;
        char go;
        if (write(answers[1], &count, sizeof count) < 0 || read(starts[0], &go, 1) < 0)
            fail("start");
        count = work_on(argv[1], argv[4], number, processes, atof(argv[3]));
        if (write(answers[1], &count, sizeof count) < 0)
            fail("answer");
        _exit(0);
    }
    close(answers[1]);
    uint64_t total = 0, count;
    for (; done < processes; done++)
        if (read(answers[0], &count, sizeof count) != sizeof count)
            return 1;
    double start = now();
    close(starts[1]);
    for (done = 0; done < processes; done++, total += count)
        if (read(answers[0], &count, sizeof count) != sizeof count)
            return 1;
    double seconds = now() - start;
    while (wait(NULL) > 0)
        ;
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    printf("%llu %f %f\n", (unsigned long long)total, seconds,
        used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    return 0;
}
