/* The readers of pictures. */
#include "report/draw/image.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_job_options options = {.memory_limit = (size_t)64 * 1024 * 1024};
    struct rs_job *job = rs_job_create(&options);
    struct draw_image image;
    unsigned sum = 0;

    if (draw_image_read(job, rs_text_of((const char *)data, size), &image) == RS_OK) {
        assert(image.width > 0 && image.height > 0 && image.data.size > 0);
        if (image.kind == DRAW_IMAGE_PIXELS)
            assert(image.data.size == (size_t)image.width * image.height * image.channels);
        for (size_t i = 0; i < image.data.size; i++)
            sum += (unsigned char)image.data.bytes[i];
        __asm__ volatile("" : : "r"(sum)); /* every byte has to be read */
    }
    rs_job_destroy(job);
    return 0;
}
