/* Any bytes as a file of word vectors: the first says how many words are wanted. What is read is written, and reads
 * back as the same. */
#include "base/descriptor.h"
#include "stage/word_vectors.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static int new_file(void)
{
    int descriptor = memfd_create("vectors", MFD_CLOEXEC);
    require(descriptor >= 0);
    return descriptor;
}

static bool read_file(struct weir_word_vectors *vectors, int descriptor, int64_t most)
{
    struct weir_error error = { 0 };
    require(lseek(descriptor, 0, SEEK_SET) == 0);
    bool read = weir_word_vectors_read(vectors, descriptor, "file", most, &error) == 0;
    require(read || (error.text[0] && (error.status == WEIR_BAD_DATA || error.status == WEIR_USAGE)));
    require(read || (!vectors->vectors && !vectors->words.terms));
    close(descriptor);
    return read;
}

/* White space within a word is written as another character. */
static bool is_plain(const struct weir_word_vectors *vectors)
{
    for (size_t i = 0; i < vectors->words.count; i++) {
        size_t size;
        const char *word = weir_word_of(vectors, i, &size);
        for (size_t j = 0; j < size; j++)
            if ((uint8_t)word[j] <= ' ' || (uint8_t)word[j] >= 0x80)
                return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_word_vectors vectors = { 0 }, again = { 0 };
    if (size == 0)
        return 0;
    int descriptor = new_file();
    require(weir_write_full(descriptor, data + 1, size - 1) == 0);
    if (!read_file(&vectors, descriptor, data[0]))
        return 0;
    require(vectors.width >= 1 && vectors.words.count >= 1 && (data[0] == 0 || vectors.words.count <= data[0]));
    int written = new_file();
    require(weir_word_vectors_write(&vectors, written, NULL) == 0);
    if (is_plain(&vectors)) {
        require(read_file(&again, written, 0));
        require(again.width == vectors.width && again.words.count == vectors.words.count &&
                memcmp(again.vectors, vectors.vectors,
                       vectors.words.count * (size_t)vectors.width * sizeof *vectors.vectors) == 0);
        for (size_t i = 0; i < vectors.words.count; i++) {
            size_t its_size, other_size;
            const char *word = weir_word_of(&vectors, i, &its_size), *other = weir_word_of(&again, i, &other_size);
            require(its_size == other_size && memcmp(word, other, its_size) == 0);
        }
    } else {
        close(written);
    }
    uint32_t index[3];
    double cosine[3];
    size_t count;
    size_t length;
    const char *first = weir_word_of(&vectors, 0, &length);
    require(weir_word_vectors_nearest(&vectors, first, length, 3, index, cosine, &count, NULL) == 0);
    for (size_t i = 0; i < count; i++)
        require(index[i] > 0 && index[i] < vectors.words.count && cosine[i] >= -1.001 && cosine[i] <= 1.001);
    weir_word_vectors_release(&vectors);
    weir_word_vectors_release(&again);
    return 0;
}
