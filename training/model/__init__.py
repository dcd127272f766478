"""The network, its trainer, feature augmentation, export, ensemble and quantization."""
