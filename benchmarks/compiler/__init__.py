"""Times the compiler: on a knowledge base of any size, from the command line, beside documentation builders."""
